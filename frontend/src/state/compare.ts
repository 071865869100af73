import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Client } from '../api/client';
import type { Catalog, Tensor } from '../contract/messages';
import { type Figure, figureOf } from './figure';
import { isDrawable } from './levels';
import { loadPicture, type PictureArray, type PictureRequest } from './pictureData';
import { planOf } from './plan';
import { type Resource, resource } from './resource';
import { SAMPLE_AXIS } from './roles';
import type { Selection } from './selection';
import { nearestIndex, wholeSteps } from './steps';
import type { View } from './view';
import {
  compareWhole,
  type DifferenceReport,
  isQuick,
  type WholeRequest,
  wholeRequest,
} from './wholeDifference';

/** The side that is compared with: B, where the shown picture is A. */
export class Comparison {
  /** The catalog of its run. */
  readonly catalog: Resource<{ run: string; stamp: string }, Catalog>;
  readonly run: ReadonlySignal<string | null>;
  readonly tensor: ReadonlySignal<Tensor | null>;
  readonly steps: ReadonlySignal<readonly number[]>;
  readonly step: ReadonlySignal<number | null>;
  readonly sample: ReadonlySignal<number>;
  readonly picture: Resource<PictureRequest, PictureArray>;
  readonly figure: ReadonlySignal<Figure | null>;
  /** Tensors that could be compared with the shown one, by their shape. */
  readonly candidates: ReadonlySignal<readonly Tensor[]>;

  /** Two large matrices whose elements can all be compared; null where there is no such thing. */
  readonly largeRequest: ReadonlySignal<WholeRequest | null>;
  /** How they differ, over all elements. */
  readonly whole: Resource<WholeRequest, DifferenceReport>;
  /** The share of them that has been read. */
  readonly progress = signal(0);
  /** The request whose elements the user wants to have read, as JSON. */
  readonly #asked = signal<string | null>(null);

  constructor(client: Client, view: View, selection: Selection) {
    const isShown = () => selection.place.value === 'layer' && selection.tab.value === 'compare';
    const { other } = selection;
    this.run = computed(() => other.value.run ?? view.run.value);
    this.catalog = resource(
      () => {
        const runs = view.runs.answer.value?.value.runs ?? [];
        const info = runs.find(run => run.name === this.run.value);
        if (!isShown() || info === undefined) return null;
        const stamp = `${info.frames} ${info.first_step} ${info.last_step}`;
        return { run: info.name, stamp };
      },
      ({ run }, signal) => client.catalog(run, signal),
    );
    const shown = computed(() => {
      const answer = this.catalog.answer.value;
      return answer !== null && answer.request.run === this.run.value ? answer.value : null;
    });
    this.tensor = computed(() => {
      const key = other.value.key ?? view.tensor.value?.key;
      return shown.value?.tensors.find(tensor => tensor.key === key) ?? null;
    });
    this.candidates = computed(() => {
      const shape = String(view.tensor.value?.shape);
      return shown.value?.tensors.filter(tensor => String(tensor.shape) === shape) ?? [];
    });
    this.steps = computed(() => (shown.value === null ? [] : wholeSteps(shown.value)));
    this.step = computed(() => {
      const steps = this.steps.value;
      const wanted = other.value.step;
      if (wanted !== undefined) return steps[nearestIndex(steps, wanted)] ?? null;
      const ofShown = view.step.value;
      if (ofShown === null) return null;
      const same = nearestIndex(steps, ofShown);
      // The same thing beside itself says nothing: of it, the step before is compared.
      const isSame = Object.keys(other.value).length === 0;
      return steps[isSame ? Math.max(0, same - 1) : same] ?? null;
    });
    this.sample = computed(() => other.value.sample ?? selection.sample.value);
    this.picture = resource(
      () => {
        const [run, catalog, tensor] = [this.run.value, shown.value, this.tensor.value];
        const step = this.step.value;
        if (!isShown() || run === null || !catalog || !tensor || step === null) return null;
        if (!isDrawable(tensor)) return null;
        const like = view.plan.value;
        // Of a large matrix both sides are drawn of the same blocks.
        const isLarge = like !== null && like.level > 0 && this.#hasShownShape(view, tensor);
        const level = isLarge ? like.level : selection.level.value;
        // Both sides are laid out alike, whatever kinds they are of.
        const roles = like?.roles ?? null;
        const chosen = { ...selection.choice(), sample: this.sample.value, roles, level };
        const plan = planOf(tensor, chosen);
        const tiled = isLarge && like.tiled && plan.level === like.level;
        return { run, generation: catalog.generation, step, tensor, plan: { ...plan, tiled } };
      },
      (request, signal) => loadPicture(client, request, signal),
    );
    this.figure = computed(() => {
      const answer = this.picture.answer.value;
      return answer && figureOf(answer.request, answer.value);
    });
    const large = computed(() => {
      const [a, b] = [view.figure.value, this.figure.value];
      const isMap = a?.request.plan.tiled === true && b?.request.plan.tiled === true;
      return isMap && isShown() ? wholeRequest(a, b) : null;
    });
    this.largeRequest = large;
    this.whole = resource(
      () => {
        const request = large.value;
        if (request === null) return null;
        const isAsked = this.#asked.value === JSON.stringify(request);
        return isAsked || isQuick(request) ? request : null;
      },
      (request, signal) =>
        compareWhole(
          client,
          request,
          share => {
            this.progress.value = share;
          },
          signal,
        ),
    );
  }

  /** Compares all elements of what is shown, however many they are. */
  compareAll(): void {
    this.#asked.value = JSON.stringify(this.largeRequest.value);
  }

  /** Ends the reading of all elements. */
  stopComparing(): void {
    this.#asked.value = null;
  }

  #hasShownShape(view: View, tensor: Tensor): boolean {
    return String(view.tensor.value?.shape) === String(tensor.shape);
  }

  dispose(): void {
    this.catalog.dispose();
    this.picture.dispose();
    this.whole.dispose();
  }
}

/** What one side is, in a few words: `step 290`, `exp2, step 10, sample 3`. */
export function sideName(figure: Figure, beside: Figure): string {
  const { run, step, tensor } = figure.request;
  const sampleOf = ({ request }: Figure) =>
    request.plan.picks.find(({ name }) => name === SAMPLE_AXIS)?.index;
  const sample = sampleOf(figure);
  const parts = [
    run === beside.request.run ? '' : run,
    tensor.key === beside.request.tensor.key ? '' : tensor.key,
    `step ${step}`,
    sample === undefined || sample === sampleOf(beside) ? '' : `sample ${sample}`,
  ];
  return parts.filter(part => part !== '').join(', ');
}
