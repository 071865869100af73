import type { Client } from '../api/client';
import type { Catalog } from '../contract/messages';
import { causeOrder } from './causeOrder';

/** Where something that is not finite was first seen. */
export interface FirstNonFinite {
  step: number;
  key: string;
  /** Elements that are NaN or infinite, and should not be. */
  count: number;
}

/** What the layer tree and the step bar show of a run. */
export interface Health {
  /** Keys that had a NaN or an infinity at some step, but for the -Inf that masks are made of. */
  badKeys: ReadonlySet<string>;
  /** Steps at which some key had one. */
  badSteps: ReadonlySet<number>;
  /** The earliest, and of one step the first in the order of causes. */
  first: FirstNonFinite | null;
}

/** What is known of a run so far: only the steps that come are asked for. */
export interface HealthSoFar {
  readonly run: string;
  readonly generation: string;
  readonly keys: readonly string[];
  /** Null before the first step. */
  readonly lastStep: number | null;
  readonly health: Health;
}

const HEALTHY: Health = { badKeys: new Set(), badSteps: new Set(), first: null };

/** The names whose number is above zero. */
function positive<Name>(names: readonly Name[], counts: ArrayLike<number | bigint>): Name[] {
  return names.filter((_, i) => Number(counts[i] ?? 0) > 0);
}

type Counted = Pick<Catalog, 'generation' | 'steps' | 'modules' | 'tensors'>;

/** The keys that have something that is not finite at one of these steps. */
async function badKeysAt(
  client: Client,
  run: string,
  keys: readonly string[],
  badSteps: readonly number[],
  signal: AbortSignal,
): Promise<string[]> {
  const [firstStep, lastStep] = [badSteps[0], badSteps.at(-1)];
  if (firstStep === undefined || lastStep === undefined) return [];
  const wanted = { run, stats: ['broken'] as const, firstStep, lastStep, maxColumns: 1 };
  const ofKeys = await client.stats(wanted, signal);
  if (ofKeys.shape[0] !== keys.length) throw new Error('the run has other tensors by now');
  return positive(keys, ofKeys.values);
}

/**
 * Which tensors and steps hold what is not finite, after `before` and the steps of the catalog that
 * came since. The numbers of a long run stay on the server: it answers one for each new step, and
 * one for each tensor.
 *
 * @throws Error where the tensors are no longer those of the catalog: the next one tells.
 */
export async function healthAfter(
  client: Client,
  before: HealthSoFar | null,
  run: string,
  catalog: Counted,
  signal: AbortSignal,
): Promise<HealthSoFar> {
  const { generation, steps } = catalog;
  const keys = catalog.tensors.map(({ key }) => key);
  const goesOn =
    before?.run === run &&
    before.generation === generation &&
    before.keys.join('\n') === keys.join('\n');
  const known = goesOn ? before : null;
  const since = known?.lastStep ?? Number.NEGATIVE_INFINITY;
  const fresh = steps.filter(step => step > since);
  const [firstStep, lastStep] = [fresh[0], fresh.at(-1)];
  if (firstStep === undefined || lastStep === undefined) {
    return known ?? { run, generation, keys, lastStep: null, health: HEALTHY };
  }
  const stats = ['broken'] as const;
  const ofSteps = await client.stats({ run, stats, firstStep, lastStep, over: 'keys' }, signal);
  if (ofSteps.shape[1] !== fresh.length) throw new Error('the run has other steps by now');
  const badSteps = positive(fresh, ofSteps.values);
  // Of a run in which all is finite, which most are, nothing is asked of the tensors.
  const badKeys = await badKeysAt(client, run, keys, badSteps, signal);
  const old = known?.health ?? HEALTHY;
  let { first } = old;
  const [step] = badSteps;
  if (first === null && step !== undefined) {
    const counts = await client.stats({ run, stats, firstStep: step, lastStep: step }, signal);
    const rows = new Map(keys.map((key, row) => [key, Number(counts.values[row] ?? 0)]));
    const key = causeOrder(catalog).find(candidate => (rows.get(candidate) ?? 0) > 0);
    if (key !== undefined) first = { step, key, count: rows.get(key) ?? 0 };
  }
  return {
    run,
    generation,
    keys,
    lastStep,
    health: {
      badKeys: new Set([...old.badKeys, ...badKeys]),
      badSteps: new Set([...old.badSteps, ...badSteps]),
      first,
    },
  };
}
