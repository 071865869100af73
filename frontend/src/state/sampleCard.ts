import type { Client } from '../api/client';
import type { NdArray } from '../api/npy';
import type { Page } from './page';
import { type Resource, resource, whenLoaded } from './resource';
import { SAMPLE_AXIS } from './roles';
import { type Asked, askedFor, loadAsked, ROLES, type Role } from './sampleArrays';
import { type Verdict, verdictAt } from './verdict';
import type { View } from './view';

/** What was recorded of one sample beside the layers; null what was not. */
export interface SampleCard {
  input: NdArray | null;
  target: NdArray | null;
  prediction: NdArray | null;
  verdict: Verdict | null;
}

interface CardRequest {
  run: string;
  generation: string;
  step: number;
  sample: number;
  asked: Readonly<Record<Role, Asked | null>>;
}

/**
 * The sample that the shown tensor is of: its input, target and prediction at the shown step. It is
 * asked for when the picture was painted, which came later otherwise: a gallery after 23 ms in
 * place of 20, as server and browser had both to answer at once.
 */
export function sampleCard(
  client: Client,
  view: View,
  page: Pick<Page, 'painted'>,
): Resource<CardRequest, SampleCard> {
  const wanted = (): CardRequest | null => {
    const [run, catalog, step] = [view.run.value, view.shownCatalog.value, view.step.value];
    const pick = view.plan.value?.picks.find(({ name }) => name === SAMPLE_AXIS);
    if (run === null || catalog === null || step === null || !pick) return null;
    const { tensors, generation } = catalog;
    const asked = {
      inputs: askedFor(tensors, 'inputs', true),
      targets: askedFor(tensors, 'targets', true),
      predictions: askedFor(tensors, 'predictions', true),
    };
    if (ROLES.every(role => asked[role] === null)) return null;
    return { run, generation, step, sample: pick.index, asked };
  };

  return resource(wanted, async (request, signal) => {
    // The picture may be asked for in this very moment, too.
    await Promise.resolve();
    await whenLoaded(view.picture.loading);
    await page.painted();
    signal.throwIfAborted();
    const { run, generation, step, sample, asked } = request;
    const place = { run, generation, step, slice: String(sample) };
    const isAnswered = asked.targets !== null || asked.predictions !== null;
    const [verdicts, ...arrays] = await Promise.all([
      isAnswered ? client.verdictsAt(request, signal) : null,
      ...ROLES.map(role => loadAsked(client, asked[role], place, signal)),
    ]);
    const [input = null, target = null, prediction = null] = arrays;
    return { input, target, prediction, verdict: verdicts && verdictAt(verdicts, sample) };
  });
}
