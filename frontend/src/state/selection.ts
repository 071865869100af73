import { batch, type Signal, signal } from '@preact/signals';
import type { ScaleSettings } from '../scale/types';
import type { Address, Place, Tab } from './address';
import { type ChartChoice, DEFAULT_CHART, isDefaultChart } from './chartChoice';
import { DEFAULT_DETAIL, type DetailChoice, detailText } from './detailChoice';
import { DEFAULT_GALLERY, type GalleryChoice, galleryText } from './galleryChoice';
import { DEFAULT_HEALTH, type HealthChoice } from './healthChoice';
import type { Plane } from './levels';
import { FORGETFUL, type Memory, rememberedPins, rememberPins } from './memory';
import type { Other } from './other';
import type { Choice } from './plan';
import type { Role } from './roles';
import { DEFAULT_LIST, listText, type SampleList } from './sampleList';
import { DEFAULT_SCALES, SCALE_GROUPS, type ScaleGroup, sameSettings } from './scales';
import type { Span } from './slice';
import { DEFAULT_STATISTICS, isDefaultStatistics, type StatisticsChoice } from './statisticsChoice';
import { DEFAULT_THIRD, type Third, thirdText } from './third';

/** A part of a matrix, from and to places counted in elements; `extents` say of which. */
interface Region {
  readonly extents?: string | undefined;
  readonly rows: readonly [number, number];
  readonly cols: readonly [number, number];
}

/** What the user chose, apart from what the server says: nothing here knows whether it exists. */
export class Selection {
  /** Null until one is chosen: the first run with data is shown. */
  readonly run = signal<string | null>(null);
  readonly key = signal<string | null>(null);
  /** A key that a link names must be there; one that was chosen in another run may be missing here. */
  readonly keyMayBeMissing = signal(false);
  /** Null: the newest step is followed. */
  readonly step = signal<number | null>(null);
  readonly sample = signal(0);
  readonly place: Signal<Place> = signal('layer');
  /** Among the samples: the one that the chosen one is shown beside. */
  readonly beside = signal<number | null>(null);
  readonly detail = signal<DetailChoice>(DEFAULT_DETAIL);
  readonly list = signal<SampleList>(DEFAULT_LIST);
  readonly health = signal<HealthChoice>(DEFAULT_HEALTH);
  readonly chart = signal<ChartChoice>(DEFAULT_CHART);
  readonly statistics = signal<StatisticsChoice>(DEFAULT_STATISTICS);
  readonly tab: Signal<Tab> = signal('heat');
  /** The index shown of each leading axis that is not drawn. */
  readonly lead = signal<Readonly<Record<number, number>>>({});
  /** What each axis is in the picture; null: as suits the tensor. */
  readonly roles = signal<readonly Role[] | null>(null);
  /** The parts of drawn axes that are shown, in elements; all of those that are not mentioned. */
  readonly crop = signal<Readonly<Record<number, Span>>>({});
  readonly page = signal(0);
  /** Null: the finest level of detail that comes in one answer. */
  readonly level = signal<number | null>(null);
  readonly plane: Signal<Plane> = signal('mean');
  /** Which of many maps is shown large; null shows them all. */
  readonly map = signal<number | null>(null);
  readonly gallery = signal<GalleryChoice>(DEFAULT_GALLERY);
  /** The part of a large matrix that is shown; null is all of it. */
  readonly region = signal<Region | null>(null);
  /** What the shown picture is compared with, as far as it is chosen. */
  readonly other = signal<Other>({});
  /** What is made of the two. */
  readonly third = signal<Third>(DEFAULT_THIRD);
  /** The element whose course over the steps is shown: its index, as `course.ts` has it. */
  readonly element = signal<string | null>(null);
  readonly scales = signal<Readonly<Record<ScaleGroup, ScaleSettings>>>(DEFAULT_SCALES);
  /** The runs over which colours have one range, where they are to; none stands for all. */
  readonly rangeRuns = signal<readonly string[]>([]);
  /** Keys of the tensors that stand above the layer tree, in the order in which they were put there. */
  readonly pinned = signal<readonly string[]>([]);

  /** `memory` is where pinned tensors are remembered from one visit to the next. */
  constructor(readonly memory: Memory = FORGETFUL) {
    this.pinned.value = rememberedPins(memory);
  }

  chooseRun(name: string): void {
    batch(() => {
      this.run.value = name;
      this.keyMayBeMissing.value = true;
    });
  }

  chooseKey(key: string): void {
    this.place.value = 'layer';
    if (key === this.key.value) return;
    batch(() => {
      this.key.value = key;
      this.keyMayBeMissing.value = false;
      this.lead.value = {};
      this.level.value = null;
      this.element.value = null;
      this.arrange(null, {});
    });
  }

  /** Shows a tensor at a step, of the run that is shown or another: where a cell or a line leads. */
  goTo(key: string, step: number, run?: string): void {
    batch(() => {
      if (run !== undefined && run !== this.run.value) this.chooseRun(run);
      this.step.value = step;
      this.chooseKey(key);
      this.keyMayBeMissing.value = false;
    });
  }

  /** Lays the tensor out otherwise: what was a place in the picture before is none any more. */
  arrange(roles: readonly Role[] | null, crop: Readonly<Record<number, Span>>): void {
    batch(() => {
      this.roles.value = roles;
      this.crop.value = crop;
      this.page.value = 0;
      this.map.value = null;
      this.region.value = null;
    });
  }

  /** Shows another slice of the tensor. */
  show(slice: Required<Pick<Choice, 'roles' | 'crop' | 'lead' | 'sample'>>): void {
    batch(() => {
      this.lead.value = slice.lead;
      this.sample.value = slice.sample;
      this.arrange(slice.roles, slice.crop);
    });
  }

  /** What of a tensor is to be seen. */
  choice(): Choice {
    return {
      sample: this.sample.value,
      lead: this.lead.value,
      page: this.page.value,
      level: this.level.value,
      plane: this.plane.value,
      roles: this.roles.value,
      crop: this.crop.value,
    };
  }

  /** The same of another tensor, once that is chosen. */
  choiceOfAnother(): Choice {
    return { ...this.choice(), lead: {}, page: 0, level: null, roles: null, crop: {} };
  }

  chooseChart(changed: Partial<ChartChoice>): void {
    this.chart.value = { ...this.chart.value, ...changed };
  }

  chooseStatistics(changed: Partial<StatisticsChoice>): void {
    this.statistics.value = { ...this.statistics.value, ...changed };
  }

  /** Puts a tensor into the charts, or takes it out; `shown` are those that are in them. */
  toggleChartKey(key: string, shown: readonly string[]): void {
    const keys = shown.includes(key) ? shown.filter(each => each !== key) : [...shown, key];
    this.chooseChart({ keys: keys.length === 0 ? null : keys });
  }

  chooseLead(axis: number, index: number): void {
    this.lead.value = { ...this.lead.value, [axis]: index };
  }

  /** Pages of one level are not those of another. */
  chooseLevel(level: number | null): void {
    batch(() => {
      this.level.value = level;
      this.page.value = 0;
    });
  }

  /** Puts a tensor above the layer tree, or takes it from there. */
  togglePin(key: string): void {
    const { pinned } = this;
    const others = pinned.value.filter(other => other !== key);
    pinned.value = others.length < pinned.value.length ? others : [...others, key];
    rememberPins(this.memory, pinned.value);
  }

  /** Whether a matrix that is too large to be seen at once may be drawn as a map. */
  get mayBeMap(): boolean {
    return this.tab.value === 'heat' || this.tab.value === 'compare';
  }

  chooseScale(group: ScaleGroup, settings: ScaleSettings): void {
    this.scales.value = { ...this.scales.value, [group]: settings };
  }

  /** Takes over what a link says; what it does not mention goes back to its default. */
  restore(address: Address): void {
    batch(() => {
      this.run.value = address.run ?? null;
      this.key.value = address.key ?? null;
      this.keyMayBeMissing.value = false;
      this.step.value = address.step ?? null;
      this.sample.value = address.sample ?? 0;
      this.place.value = address.place ?? 'layer';
      this.beside.value = address.beside ?? null;
      this.detail.value = address.detail ?? DEFAULT_DETAIL;
      this.list.value = address.list ?? DEFAULT_LIST;
      this.health.value = address.health ?? DEFAULT_HEALTH;
      this.chart.value = address.chart ?? DEFAULT_CHART;
      this.statistics.value = address.statistics ?? DEFAULT_STATISTICS;
      this.tab.value = address.tab ?? 'heat';
      this.lead.value = address.lead ?? {};
      this.roles.value = address.roles ?? null;
      this.crop.value = address.crop ?? {};
      this.page.value = address.page ?? 0;
      this.level.value = address.level ?? null;
      this.plane.value = address.plane ?? 'mean';
      this.map.value = address.map ?? null;
      this.region.value = address.region ?? null;
      this.gallery.value = address.gallery ?? DEFAULT_GALLERY;
      this.element.value = address.element ?? null;
      this.other.value = address.other ?? {};
      this.third.value = address.third ?? DEFAULT_THIRD;
      this.scales.value = { ...DEFAULT_SCALES, ...address.scales };
      this.rangeRuns.value = address.rangeRuns ?? [];
      this.pinned.value = address.pinned ?? rememberedPins(this.memory);
    });
  }

  /** What a link to the present view says: only what is not the default. */
  address(shownRun: string | null, shownKey: string | null): Address {
    const address: Address = {};
    const run = this.run.value ?? shownRun;
    const key = this.keyMayBeMissing.value ? shownKey : (this.key.value ?? shownKey);
    if (run !== null) address.run = run;
    if (key !== null) address.key = key;
    if (this.step.value !== null) address.step = this.step.value;
    if (this.sample.value !== 0) address.sample = this.sample.value;
    if (this.place.value !== 'layer') address.place = this.place.value;
    if (this.beside.value !== null) address.beside = this.beside.value;
    if (detailText(this.detail.value) !== detailText(DEFAULT_DETAIL)) {
      address.detail = this.detail.value;
    }
    if (listText(this.list.value) !== listText(DEFAULT_LIST)) address.list = this.list.value;
    const { measure, group } = this.health.value;
    if (measure !== DEFAULT_HEALTH.measure || group !== DEFAULT_HEALTH.group) {
      address.health = { measure, group };
    }
    if (!isDefaultChart(this.chart.value)) address.chart = this.chart.value;
    if (!isDefaultStatistics(this.statistics.value)) address.statistics = this.statistics.value;
    if (this.tab.value !== 'heat') address.tab = this.tab.value;
    if (Object.values(this.lead.value).some(index => index !== 0)) address.lead = this.lead.value;
    if (this.roles.value !== null) address.roles = this.roles.value;
    if (Object.keys(this.crop.value).length > 0) address.crop = this.crop.value;
    if (this.page.value !== 0) address.page = this.page.value;
    if (this.level.value !== null) address.level = this.level.value;
    if (this.plane.value !== 'mean') address.plane = this.plane.value;
    if (this.map.value !== null) address.map = this.map.value;
    if (galleryText(this.gallery.value) !== galleryText(DEFAULT_GALLERY)) {
      address.gallery = this.gallery.value;
    }
    if (Object.keys(this.other.value).length > 0) address.other = this.other.value;
    if (thirdText(this.third.value) !== thirdText(DEFAULT_THIRD)) address.third = this.third.value;
    if (this.element.value !== null) address.element = this.element.value;
    if (this.region.value !== null) {
      const { rows, cols } = this.region.value;
      address.region = { rows, cols };
    }
    if (this.rangeRuns.value.length > 0) address.rangeRuns = this.rangeRuns.value;
    if (this.pinned.value.length > 0) address.pinned = this.pinned.value;
    const changed = SCALE_GROUPS.filter(
      group => !sameSettings(this.scales.value[group], DEFAULT_SCALES[group]),
    );
    if (changed.length > 0) {
      address.scales = Object.fromEntries(changed.map(group => [group, this.scales.value[group]]));
    }
    return address;
  }
}
