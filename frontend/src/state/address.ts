/**
 * The view in the address: entries of TensorBoard's hash.
 *
 * TensorBoard keeps its hash as `<tab>&name=value&...` and carries along entries that it does not
 * know when the tab changes; those of a plugin begin with `p.<plugin>.`, which is also what its
 * `experimental.GetURLPluginData` looks for. Entries of others are kept as they are.
 */

import type { ScaleSettings } from '../scale/types';
import { type ChartChoice, chartEntries, parseChart } from './chartChoice';
import { type DetailChoice, detailText, parseDetail } from './detailChoice';
import { elementIndex } from './element';
import { type GalleryChoice, galleryText, parseGallery } from './galleryChoice';
import { GROUPS, type HealthChoice } from './healthChoice';
import { PLANES, type Plane } from './levels';
import { SHOWN_MEASURES } from './measures';
import { memberOf } from './member';
import type { Other } from './other';
import { parseRoles, type Role, rolesText } from './roles';
import { listText, parseList, type SampleList } from './sampleList';
import { parseScale, scaleText } from './scaleAddress';
import { SCALE_GROUPS, type ScaleGroup } from './scales';
import type { Span } from './slice';
import { parseStatistics, type StatisticsChoice, statisticsEntries } from './statisticsChoice';
import { parseStep } from './steps';
import { parseThird, type Third, thirdText } from './third';

/** What the page is about: one tensor, or the run as a whole. */
export const PLACES = ['layer', 'samples', 'findings', 'health', 'charts'] as const;
export type Place = (typeof PLACES)[number];

export const TABS = ['heat', 'compare', 'values', 'statistics'] as const;
export type Tab = (typeof TABS)[number];

/** What a link says. Members that it does not mention are absent. */
export interface Address {
  run?: string;
  key?: string;
  /** Absent where the newest step is followed. */
  step?: number;
  sample?: number;
  tab?: Tab;
  place?: Place;
  /** The sample that the chosen one is shown beside. */
  beside?: number;
  /** How the chosen sample is looked at. */
  detail?: DetailChoice;
  /** Which samples are listed. */
  list?: SampleList;
  /** What the health map shows: a statistic, and of which kind of tensors. */
  health?: HealthChoice;
  chart?: ChartChoice;
  /** How statistics are looked at; absent for the usual way. */
  statistics?: StatisticsChoice;
  lead?: Record<number, number>;
  /** What each axis is in the picture. */
  roles?: readonly Role[];
  /** The parts of axes that are shown. */
  crop?: Readonly<Record<number, Span>>;
  page?: number;
  /** Absent where the finest level that comes in one answer is shown. */
  level?: number;
  plane?: Plane;
  map?: number;
  /** The index of an element that is followed over the steps. */
  element?: string;
  gallery?: GalleryChoice;
  /** What the shown picture is compared with. */
  other?: Other;
  /** What is made of the two. */
  third?: Third;
  /** The part of a large matrix that is shown, in elements. */
  region?: { rows: readonly [number, number]; cols: readonly [number, number] };
  scales?: Partial<Record<ScaleGroup, ScaleSettings>>;
  /** The runs that share the range of their colours; absent where all do. */
  rangeRuns?: readonly string[];
  /** Keys of the tensors that stand above the layer tree. */
  pinned?: readonly string[];
}

const PREFIX = 'p.layerview.';

function parseWhole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Places within an element are not worth their digits in a link. */
const REGION_DIGITS = 2;

function regionText({ rows, cols }: NonNullable<Address['region']>): string {
  const place = (at: number) => String(Number(at.toFixed(REGION_DIGITS)));
  return [rows, cols].map(span => span.map(place).join(':')).join(',');
}

function parseRegion(text: string): Address['region'] {
  const spans = text.split(',').map(part => part.split(':').map(Number));
  const [rows, cols] = spans.map(([from = Number.NaN, to = Number.NaN]) => [from, to] as const);
  const isSpan = ([from, to]: readonly [number, number]) =>
    Number.isFinite(from) && Number.isFinite(to) && to > from;
  return rows && cols && isSpan(rows) && isSpan(cols) ? { rows, cols } : undefined;
}

function parseOther(named: ReadonlyMap<string, string>): Other {
  const [run, key] = [named.get('with.run'), named.get('with.key')];
  const step = parseStep(named.get('with.step'));
  const sample = parseWhole(named.get('with.sample'));
  return {
    ...(run === undefined ? {} : { run }),
    ...(key === undefined ? {} : { key }),
    ...(step === undefined ? {} : { step }),
    ...(sample === undefined ? {} : { sample }),
  };
}

function parseHealth(text: string): HealthChoice | undefined {
  const [measureText, groupText] = text.split('~');
  const measure = memberOf(SHOWN_MEASURES, measureText);
  const group = memberOf(GROUPS, groupText);
  return measure && group && { measure, group };
}

/** Several names in one entry: each is escaped, so that a comma in a name is none between names. */
function namesText(names: readonly string[] | undefined): string | undefined {
  return names && names.length > 0 ? names.map(encodeURIComponent).join(',') : undefined;
}

function parseNames(text: string | undefined): readonly string[] | undefined {
  return text === undefined || text === '' ? undefined : text.split(',').map(decoded);
}

function parseLead(text: string): Record<number, number> {
  const pairs = text.split(',').map(part => part.split(':').map(Number));
  return Object.fromEntries(
    pairs.filter(pair => pair.length === 2 && pair.every(number => Number.isInteger(number))),
  );
}

function parseCrop(text: string): Record<number, Span> {
  const crops = text.split(',').map(part => part.split(':').map(Number));
  return Object.fromEntries(
    crops.flatMap(([axis, start, stop]): [number, Span][] => {
      if (axis === undefined || start === undefined || stop === undefined) return [];
      const isWhole = [axis, start, stop].every(each => Number.isInteger(each) && each >= 0);
      return isWhole && start < stop ? [[axis, [start, stop]]] : [];
    }),
  );
}

function cropText(crop: Address['crop']): string | undefined {
  const parts = Object.entries(crop ?? {}).map(([axis, span]) => `${axis}:${span.join(':')}`);
  return parts.length === 0 ? undefined : parts.join(',');
}

function entries(hash: string): [string, string][] {
  return hash
    .replace(/^#/, '')
    .split('&')
    .filter(part => part !== '')
    .map(part => {
      const cut = part.indexOf('=');
      return cut < 0 ? [part, ''] : [part.slice(0, cut), part.slice(cut + 1)];
    });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A link cut off in the middle of an escape: what is there is still worth trying.
  }
}

/** What the hash of TensorBoard's page says about this plugin's view. */
export function parseAddress(hash: string): Address {
  const named = new Map<string, string>();
  for (const [name, value] of entries(hash)) {
    const plain = decoded(name);
    if (plain.startsWith(PREFIX)) named.set(plain.slice(PREFIX.length), decoded(value));
  }
  const address: Address = {};
  const run = named.get('run');
  const key = named.get('key');
  const step = parseStep(named.get('step'));
  const sample = parseWhole(named.get('sample'));
  const page = parseWhole(named.get('page'));
  const level = parseWhole(named.get('level'));
  const plane = memberOf(PLANES, named.get('plane'));
  const map = parseWhole(named.get('map'));
  const beside = parseWhole(named.get('beside'));
  if (beside !== undefined) address.beside = beside;
  const detail = parseDetail(named.get('detail') ?? '');
  if (detail !== undefined) address.detail = detail;
  const list = parseList(named.get('list') ?? '');
  if (list !== undefined) address.list = list;
  const tab = memberOf(TABS, named.get('tab'));
  const place = memberOf(PLACES, named.get('place'));
  const health = parseHealth(named.get('health') ?? '');
  const lead = named.get('lead');
  const region = parseRegion(named.get('view') ?? '');
  if (run !== undefined) address.run = run;
  if (key !== undefined) address.key = key;
  if (step !== undefined) address.step = step;
  if (sample !== undefined) address.sample = sample;
  if (page !== undefined) address.page = page;
  if (level !== undefined) address.level = level;
  if (plane !== undefined) address.plane = plane;
  if (map !== undefined) address.map = map;
  if (tab !== undefined) address.tab = tab;
  if (place !== undefined) address.place = place;
  if (health !== undefined) address.health = health;
  const chart = parseChart(named);
  if (chart !== undefined) address.chart = chart;
  const statistics = parseStatistics(named);
  if (statistics !== undefined) address.statistics = statistics;
  if (region !== undefined) address.region = region;
  const element = elementIndex(named.get('element') ?? '');
  if (element !== null) address.element = element;
  const gallery = parseGallery(named.get('gallery') ?? '');
  if (gallery !== undefined) address.gallery = gallery;
  const other = parseOther(named);
  if (Object.keys(other).length > 0) address.other = other;
  const third = parseThird(named.get('third') ?? '');
  if (third !== undefined) address.third = third;
  if (lead !== undefined) address.lead = parseLead(lead);
  const rangeRuns = parseNames(named.get('scale.runs'));
  if (rangeRuns !== undefined) address.rangeRuns = rangeRuns;
  const pinned = parseNames(named.get('pinned'));
  if (pinned !== undefined) address.pinned = pinned;
  const roles = parseRoles(named.get('layout') ?? '');
  if (roles !== undefined) address.roles = roles;
  const crop = parseCrop(named.get('crop') ?? '');
  if (Object.keys(crop).length > 0) address.crop = crop;
  for (const group of SCALE_GROUPS) {
    const scale = parseScale(named.get(`scale.${group}`) ?? '');
    if (scale) address.scales = { ...address.scales, [group]: scale };
  }
  return address;
}

/** `hash` with this plugin's entries replaced by those of `address`; all others stay in place. */
export function formatAddress(hash: string, address: Address): string {
  const own: [string, string | number | undefined][] = [
    ['run', address.run],
    ['key', address.key],
    ['step', address.step],
    ['sample', address.sample],
    ['place', address.place],
    ['beside', address.beside],
    ['detail', address.detail && detailText(address.detail)],
    ['list', address.list && listText(address.list)],
    ['health', address.health && `${address.health.measure}~${address.health.group}`],
    ...chartEntries(address.chart),
    ...statisticsEntries(address.statistics),
    ['tab', address.tab],
    ['page', address.page],
    ['level', address.level],
    ['plane', address.plane],
    ['map', address.map],
    ['element', address.element],
    ['gallery', address.gallery && galleryText(address.gallery)],
    ['with.run', address.other?.run],
    ['with.key', address.other?.key],
    ['with.step', address.other?.step],
    ['with.sample', address.other?.sample],
    ['third', address.third && thirdText(address.third)],
    ['view', address.region && regionText(address.region)],
    ['lead', leadText(address.lead)],
    ['scale.runs', namesText(address.rangeRuns)],
    ['pinned', namesText(address.pinned)],
    ['layout', address.roles && rolesText(address.roles)],
    ['crop', cropText(address.crop)],
    ...SCALE_GROUPS.map((group): [string, string | undefined] => {
      const scale = address.scales?.[group];
      return [`scale.${group}`, scale && scaleText(scale)];
    }),
  ];
  const foreign = entries(hash)
    .filter(([name]) => !decoded(name).startsWith(PREFIX))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const mine = own.flatMap(([name, value]) =>
    value === undefined ? [] : [`${PREFIX}${name}=${encodeURIComponent(value)}`],
  );
  return `#${[...foreign, ...mine].join('&')}`;
}

function leadText(lead: Record<number, number> | undefined): string | undefined {
  const pairs = Object.entries(lead ?? {}).filter(([, index]) => index !== 0);
  return pairs.length === 0 ? undefined : pairs.map(pair => pair.join(':')).join(',');
}
