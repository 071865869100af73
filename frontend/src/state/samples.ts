import type { Client } from '../api/client';
import type { NdArray } from '../api/npy';
import type { Catalog, Tensor, Verdicts } from '../contract/messages';
import { type Resource, resource } from './resource';
import { type Asked, askedFor, loadAsked, ROLES, type Role, sampleOf } from './sampleArrays';
import type { SampleRow } from './sampleRow';
import type { Selection } from './selection';
import { type Verdict, verdictAt } from './verdict';
import type { View } from './view';

interface SamplesRequest {
  run: string;
  generation: string;
  step: number;
  asked: Readonly<Record<Role, Asked | null>>;
}

const NOTHING: Verdict = {
  task: 'unknown',
  target: null,
  answer: null,
  confidence: null,
  ofTarget: null,
  isRight: null,
  error: null,
};

/** What each kept sample is called. */
export function sampleNames({ samples, sample_ids: ids }: Catalog, count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => ids[index] ?? `item ${samples[index] ?? index}`,
  );
}

/** The kept samples of the shown step, while they are looked at. */
export function samplesOf(
  client: Client,
  view: View,
  selection: Selection,
): Resource<SamplesRequest, readonly SampleRow[]> {
  return resource(
    () => {
      const [run, catalog, step] = [view.run.value, view.shownCatalog.value, view.step.value];
      if (selection.place.value !== 'samples' || run === null || !catalog || step === null) {
        return null;
      }
      const { tensors, generation } = catalog;
      const asked = {
        inputs: askedFor(tensors, 'inputs', false),
        targets: askedFor(tensors, 'targets', false),
        predictions: askedFor(tensors, 'predictions', false),
      };
      return { run, generation, step, asked };
    },
    async ({ run, generation, step, asked }, signal) => {
      const place = { run, generation, step, slice: '...' };
      const [verdicts, ...arrays] = await Promise.all([
        client.verdictsAt({ run, generation, step }, signal),
        ...ROLES.map(role => loadAsked(client, asked[role], place, signal)),
      ]);
      const [inputs, targets, predictions] = arrays;
      const catalog = view.shownCatalog.peek();
      const names = catalog ? sampleNames(catalog, catalog.samples.length) : [];
      const at = (array: NdArray | null | undefined, index: number) =>
        array && index < (array.shape[0] ?? 0) ? sampleOf(array, index) : null;
      return names.map(
        (name, index): SampleRow => ({
          index,
          name,
          input: at(inputs, index),
          target: at(targets, index),
          prediction: at(predictions, index),
          verdict: verdicts ? verdictAt(verdicts, index) : NOTHING,
        }),
      );
    },
  );
}

const PROBE = 'probe';

/** TensorBoard names a run after its directory, as its system writes it: `exp1\\probe` on Windows. */
const IN_DIRECTORY = new RegExp(`^(.*)[\\\\/]${PROBE}$`, 's');

/**
 * The run in which the same samples are followed over the steps, beside or at this one; null where
 * none of `runs` is it.
 */
export function probeOf(run: string, runs: readonly string[]): string | null {
  if (isProbe(run)) return run;
  return runs.find(name => isProbe(name) && trainingOf(name) === run) ?? null;
}

/** The run of the training beside which a probe is run. */
export function trainingOf(run: string): string {
  return run === PROBE ? '.' : (IN_DIRECTORY.exec(run)?.[1] ?? run);
}

function isProbe(run: string): boolean {
  return run === PROBE || IN_DIRECTORY.test(run);
}

/** Whether the kept samples of a run are the same at every step. */
export function areFollowed(run: string, catalog: Catalog): boolean {
  return isProbe(run) || catalog.sample_ids.length > 0;
}

/** Steps of which a strip shows the verdicts: about one a pixel. */
const MOST_STEPS = 200;

/** What was answered to each sample over the steps, where they are the same samples. */
export function historyOf(
  client: Client,
  view: View,
  selection: Selection,
): Resource<{ run: string; stamp: string }, Verdicts> {
  return resource(
    () => {
      const [run, catalog] = [view.run.value, view.shownCatalog.value];
      if (selection.place.value !== 'samples' || run === null || !catalog) return null;
      if (!areFollowed(run, catalog)) return null;
      const { generation, steps } = catalog;
      return { run, stamp: `${generation} ${steps.length} ${steps.at(-1)}` };
    },
    ({ run }, signal) => client.verdicts(run, MOST_STEPS, signal),
  );
}

/** The outputs that a sample goes through, in order: those of layers that hold no others. */
export function wayOf({ tensors, modules }: Catalog): Tensor[] {
  const parents = new Set(
    modules.map(({ path }) => (path === '' ? null : path.replace(/\.?[^.]*$/, ''))),
  );
  return tensors.filter(
    ({ kind, module, stored, axes }) =>
      kind === 'output' && stored === 'exact' && axes[0] === 'Sample' && !parents.has(module),
  );
}
