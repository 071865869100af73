import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { Search } from '../api/expressions';
import type { Tensor } from '../contract/messages';
import { Ahead } from './ahead';
import { chartOfView } from './chartData';
import { Comparison } from './compare';
import { courseOfView } from './course';
import { findingsOf } from './findings';
import { healthMapOf } from './healthMap';
import { linkToAddress } from './link';
import type { Page } from './page';
import { Playback } from './playback';
import { poll } from './poll';
import { probeSummaryOf } from './probeSummary';
import type { Resource } from './resource';
import { type SampleCard, sampleCard } from './sampleCard';
import { apartOf, comparedClass, contributionsOf } from './sampleDetail';
import { historyOf, samplesOf } from './samples';
import { Selection } from './selection';
import { sharedRangeOf } from './sharedRange';
import { SideWidth } from './sideWidth';
import { Summary } from './summary';
import { histogramOfStep, histogramsOfView, statisticsOfView } from './tensorStatistics';
import { TreeState } from './treeState';
import { View } from './view';

function isGone(error: Error | null): boolean {
  return error instanceof ApiError && error.code === 'unreachable';
}

/** What is read or taken away on a sheet above the page. */
export type SheetName = 'help' | 'save' | 'model';

/** All state of the page, and the one place that starts and ends what runs by itself. */
export class App {
  readonly selection: Selection;
  readonly view: View;
  readonly playback: Playback;
  readonly ahead: Ahead;
  readonly summary: Summary;
  readonly tree: TreeState;
  readonly side: SideWidth;
  readonly sample: Resource<unknown, SampleCard>;
  readonly comparison: Comparison;
  readonly samples: ReturnType<typeof samplesOf>;
  readonly apart: ReturnType<typeof apartOf>;
  readonly contributions: ReturnType<typeof contributionsOf>;
  readonly probeSummary: ReturnType<typeof probeSummaryOf>;
  readonly verdicts: ReturnType<typeof historyOf>;
  readonly sharedRange: ReturnType<typeof sharedRangeOf>;
  readonly course: ReturnType<typeof courseOfView>;
  readonly findings: ReturnType<typeof findingsOf>;
  readonly chart: ReturnType<typeof chartOfView>;
  readonly healthMap: ReturnType<typeof healthMapOf>;
  readonly statistics: ReturnType<typeof statisticsOfView>;
  /** Of the steps that are looked at, or some of them, and of the shown step. */
  readonly histograms: ReturnType<typeof histogramsOfView>;
  readonly histogram: ReturnType<typeof histogramOfStep>;
  /** The tensors that stand above the layer tree: those of the pinned ones that the run has. */
  readonly pinned: ReadonlySignal<readonly Tensor[]>;
  /** What lies above the page; null where nothing does. */
  readonly sheet = signal<SheetName | null>(null);
  /** Whether what is shown can be taken away. */
  readonly canSave: ReadonlySignal<boolean>;
  /** True while TensorBoard does not answer. What was loaded stays on the page meanwhile. */
  readonly serverGone: ReadonlySignal<boolean>;
  readonly #stops: (() => void)[];

  constructor(
    client: Client,
    readonly page: Page,
    search?: Search,
  ) {
    this.selection = new Selection(page.memory);
    this.side = new SideWidth(page.memory);
    const { selection } = this;
    this.view = new View(client, selection);
    this.playback = new Playback(this.view, selection);
    this.ahead = new Ahead(this.view);
    const statisticsShown = () =>
      selection.place.value === 'layer' && selection.tab.value === 'statistics';
    this.summary = new Summary(this.view, page.giveWay);
    this.statistics = statisticsOfView(client, this.view, this.summary, statisticsShown);
    this.samples = samplesOf(client, this.view, selection);
    this.apart = apartOf(client, this.view, selection);
    this.contributions = contributionsOf(client, this.view, selection, () => this.#comparedWith());
    this.probeSummary = probeSummaryOf(client, this.view, selection);
    this.verdicts = historyOf(client, this.view, selection);
    this.comparison = new Comparison(client, this.view, selection);
    this.sharedRange = sharedRangeOf(client, this.view, selection);
    this.course = courseOfView(client, this.view, selection);
    this.findings = findingsOf(client, this.view, selection, this.summary);
    this.chart = chartOfView(client, this.view, selection);
    this.healthMap = healthMapOf(client, this.view, selection, this.summary, page.giveWay);
    const { statistics, view } = this;
    this.histograms = histogramsOfView(client, view, statistics, selection, statisticsShown);
    this.histogram = histogramOfStep(client, view, statistics, this.histograms, statisticsShown);
    this.tree = new TreeState(this.view, () => this.badKeys(), search);
    this.sample = sampleCard(client, this.view, page);
    this.pinned = computed(() => {
      const tensors = this.view.shownCatalog.value?.tensors ?? [];
      const byKey = new Map(tensors.map(tensor => [tensor.key, tensor]));
      return selection.pinned.value.flatMap(key => byKey.get(key) ?? []);
    });
    this.canSave = computed(() => {
      const { answer } =
        selection.tab.value === 'statistics' ? this.statistics : { answer: this.view.figure };
      const hasSamples = (this.samples.answer.value?.value.length ?? 0) > 0;
      const drawn = this.chart.answer.value?.value;
      const hasRows = (this.healthMap.answer.value?.value.rows.length ?? 0) > 0;
      const can = {
        layer: answer.value !== null,
        samples: hasSamples,
        health: hasRows,
        findings: false,
        charts: drawn !== undefined && drawn.lines.length + drawn.bands.length > 0,
      };
      return can[selection.place.value];
    });
    this.serverGone = computed(() => isGone(this.view.runs.error.value));
    const retryWhenBack = effect(() => {
      if (this.serverGone.value || this.view.runs.loading.value) return;
      for (const part of [this.view.catalog, this.view.picture, this.sample]) {
        if (isGone(part.error.peek())) part.reload();
      }
    });
    this.#stops = [
      retryWhenBack,
      linkToAddress(page, selection, this.view),
      poll(
        this.view.runs,
        () => page.isVisible(),
        () => this.view.picture.loading.peek(),
      ),
    ];
  }

  /** What has a NaN or an infinity, or is named by a finding that is worth a look. */
  badKeys(): ReadonlySet<string> {
    const found = this.findings.answer.value?.value ?? [];
    const named = found.filter(({ severity }) => severity !== 'info').map(({ key }) => key);
    return new Set([...(this.summary.health.value?.badKeys ?? []), ...named]);
  }

  /** The class that the answer to the chosen sample is compared with; undefined: not known yet. */
  #comparedWith(): number | null | undefined {
    const { against } = this.selection.detail.value;
    const answer = this.samples.answer.value;
    if (against !== null || answer === null) return against ?? undefined;
    const row = answer.value[this.selection.sample.value];
    return row && comparedClass(row);
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
    this.playback.dispose();
    this.ahead.dispose();
    this.sample.dispose();
    this.tree.dispose();
    this.histogram.dispose();
    this.histograms.dispose();
    this.statistics.dispose();
    this.samples.dispose();
    this.apart.dispose();
    this.contributions.dispose();
    this.probeSummary.dispose();
    this.verdicts.dispose();
    this.comparison.dispose();
    this.sharedRange.dispose();
    this.course.dispose();
    this.findings.dispose();
    this.healthMap.dispose();
    this.chart.dispose();
    this.summary.dispose();
    this.view.dispose();
  }
}
