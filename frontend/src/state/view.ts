import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Client } from '../api/client';
import type { Catalog, Run, Runs, Tensor } from '../contract/messages';
import { type Figure, figureOf, partialFigureOf } from './figure';
import { isDrawable } from './levels';
import { type Arrived, loadParts, partsOf, prefetchParts } from './mapParts';
import { fetchArrays, loadPicture, type PictureArray, type PictureRequest } from './pictureData';
import { drawnCount, type Plan, planOf } from './plan';
import { type Resource, resource } from './resource';
import type { Selection } from './selection';
import { nearestIndex, wholeSteps } from './steps';
import { mainTensor } from './tree';

function firstRun(runs: Runs | undefined): string | null {
  return (runs?.runs.find(run => run.frames > 0) ?? runs?.runs[0])?.name ?? null;
}

/** What a newcomer sees first: the feature maps of a layer, where there are some. */
function firstTensor({ tensors, modules }: Catalog): Tensor | null {
  const hasChildren = (path: string) => modules.some(module => module.path.startsWith(`${path}.`));
  const featureMaps = tensors.filter(
    tensor => tensor.kind === 'output' && tensor.axes.includes('Filter'),
  );
  return (
    featureMaps.find(tensor => !hasChildren(tensor.module)) ?? featureMaps[0] ?? mainTensor(tensors)
  );
}

/** So many elements are fetched before they are asked for: half a megabyte of float32. */
const MOST_AHEAD = 131_072;

/** What is shown: the selection, brought together with what the server has. */
export class View {
  readonly runs: Resource<'runs', Runs>;
  /** The run that is shown; null while none is known. */
  readonly run: ReadonlySignal<string | null>;
  /** What the list of runs says of it; null where the list does not have it. */
  readonly runInfo: ReadonlySignal<Run | null>;
  readonly catalog: Resource<{ run: string; stamp: string }, Catalog>;
  /** The catalog of the shown run; null while that of another is still there. */
  readonly shownCatalog: ReadonlySignal<Catalog | null>;
  readonly tensor: ReadonlySignal<Tensor | null>;
  /** A key that the selection names and the run does not have. */
  readonly missingKey: ReadonlySignal<string | null>;
  readonly steps: ReadonlySignal<readonly number[]>;
  readonly stepIndex: ReadonlySignal<number>;
  readonly step: ReadonlySignal<number | null>;
  /** A step that the selection names and the run does not have. */
  readonly missingStep: ReadonlySignal<number | null>;
  /** Whether of that step the statistics are there: all else was dropped for room. */
  readonly missingIsDropped: ReadonlySignal<boolean>;
  readonly following: ReadonlySignal<boolean>;
  readonly plan: ReadonlySignal<Plan | null>;
  readonly picture: Resource<PictureRequest, PictureArray>;
  readonly figure: ReadonlySignal<Figure | null>;
  /** The same, or what has come of a later one that comes in parts. */
  readonly seenFigure: ReadonlySignal<Figure | null>;
  /** Which indices of the first axis of a gallery are in view. */
  inView: readonly [first: number, last: number] = [0, 0];
  readonly #arrived = signal<Arrived | null>(null);
  /** In which order requests were made. */
  readonly #turns = new WeakMap<PictureRequest, number>();
  #turn = 0;

  constructor(
    readonly client: Client,
    readonly selection: Selection,
  ) {
    this.runs = resource(
      () => 'runs',
      (_request, signal) => client.runs(signal),
    );
    this.run = computed(() => selection.run.value ?? firstRun(this.runs.answer.value?.value));
    this.runInfo = computed(() => {
      const runs = this.runs.answer.value?.value.runs ?? [];
      return runs.find(run => run.name === this.run.value) ?? null;
    });
    this.catalog = resource(
      () => {
        const info = this.runInfo.value;
        return (
          info && { run: info.name, stamp: `${info.frames} ${info.first_step} ${info.last_step}` }
        );
      },
      ({ run }, signal) => client.catalog(run, signal),
    );
    this.shownCatalog = computed(() => {
      const answer = this.catalog.answer.value;
      return answer !== null && answer.request.run === this.run.value ? answer.value : null;
    });
    this.missingKey = computed(() => {
      const { key, keyMayBeMissing } = selection;
      const catalog = this.shownCatalog.value;
      if (key.value === null || catalog === null || keyMayBeMissing.value) return null;
      return catalog.tensors.some(tensor => tensor.key === key.value) ? null : key.value;
    });
    this.tensor = computed(() => {
      const catalog = this.shownCatalog.value;
      if (catalog === null || this.missingKey.value !== null) return null;
      const chosen = catalog.tensors.find(tensor => tensor.key === selection.key.value);
      return chosen ?? firstTensor(catalog);
    });
    this.steps = computed(() => {
      const catalog = this.shownCatalog.value;
      return catalog === null ? [] : wholeSteps(catalog);
    });
    this.following = computed(() => selection.step.value === null);
    this.stepIndex = computed(() => {
      const wanted = selection.step.value;
      const steps = this.steps.value;
      return wanted === null ? steps.length - 1 : nearestIndex(steps, wanted);
    });
    this.step = computed(() => this.steps.value[this.stepIndex.value] ?? null);
    this.missingStep = computed(() => {
      const wanted = selection.step.value;
      return wanted === null || this.step.value === null || wanted === this.step.value
        ? null
        : wanted;
    });
    this.missingIsDropped = computed(
      () => this.shownCatalog.value?.summarized.includes(this.missingStep.value ?? -1) ?? false,
    );
    this.plan = computed(() => {
      const tensor = this.tensor.value;
      return tensor && planOf(tensor, { ...selection.choice(), tiles: selection.mayBeMap });
    });
    this.picture = resource(
      () => this.#pictureRequest(this.step.value, this.tensor.value, this.plan.value),
      (request, signal) => this.#load(request, signal),
    );
    this.figure = computed(() => {
      const answer = this.picture.answer.value;
      return answer && figureOf(answer.request, answer.value);
    });
    this.seenFigure = computed(() => {
      const [arrived, answer] = [this.#arrived.value, this.picture.answer.value];
      const isLater = (this.#turnOf(arrived) ?? -1) > (this.#turnOf(answer) ?? -1);
      return isLater && arrived ? partialFigureOf(arrived) : this.figure.value;
    });
  }

  #pictureRequest(
    step: number | null,
    tensor: Tensor | null,
    plan: Plan | null,
  ): PictureRequest | null | undefined {
    const [run, catalog] = [this.run.value, this.shownCatalog.value];
    if (run !== null && catalog === null && this.catalog.error.value === null) return undefined;
    if (run === null || catalog === null || tensor === null || plan === null || step === null) {
      return null;
    }
    if (!isDrawable(tensor)) return null;
    return { run, generation: catalog.generation, step, tensor, plan };
  }

  #turnOf(of: { request: PictureRequest } | null): number | undefined {
    return of === null ? undefined : this.#turns.get(of.request);
  }

  /** Loads a picture; a gallery of very many elements part by part, what is in view first. */
  #load(request: PictureRequest, signal: AbortSignal): Promise<PictureArray> {
    this.#turns.set(request, this.#turn++);
    const isShown = this.selection.tab.peek() === 'heat';
    const parts = isShown ? partsOf(request) : null;
    if (parts === null) return loadPicture(this.client, request, signal);
    const tell = (arrived: Arrived) => {
      if (!signal.aborted) this.#arrived.value = arrived;
    };
    return loadParts(this.client, request, parts, () => this.inView, tell, signal);
  }

  /** Brings the picture of another step into the client's cache, so that playing does not stutter. */
  async prefetch(step: number, signal: AbortSignal): Promise<void> {
    const request = this.#pictureRequest(step, this.tensor.value, this.plan.value);
    if (!request) return;
    const parts = partsOf(request);
    if (parts === null) await fetchArrays(this.client, request, signal);
    else await prefetchParts(this.client, request, parts, signal);
  }

  /** The same with what choosing a tensor leads to, unless it is large: it may not be chosen. */
  async prefetchTensor(tensor: Tensor, signal: AbortSignal): Promise<void> {
    const choice = { ...this.selection.choiceOfAnother(), tiles: this.selection.mayBeMap };
    const plan = planOf(tensor, choice);
    const request = this.#pictureRequest(this.step.value, tensor, plan);
    if (!request || drawnCount(plan) > MOST_AHEAD) return;
    await fetchArrays(this.client, request, signal);
  }

  dispose(): void {
    for (const part of [this.runs, this.catalog, this.picture]) part.dispose();
  }
}
