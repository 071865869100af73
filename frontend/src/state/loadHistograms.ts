import type { Client } from '../api/client';
import { type Histograms, histogramsOf } from './histogram';

/** More than a screen tells apart. A histogram takes 4 kB, and the server reads those of all tensors for it. */
export const MOST_HISTOGRAMS = 512;

export interface HistogramsOf {
  readonly run: string;
  readonly key: string;
  readonly firstStep: number;
  readonly lastStep: number;
}

/**
 * The histograms of a tensor at the steps from the first to the last: of a long run at steps that
 * are spread over them. With both ends told, the two answers are of the same steps though a
 * training goes on to write.
 */
export async function loadHistograms(
  client: Client,
  { run, key, firstStep, lastStep }: HistogramsOf,
  signal: AbortSignal,
): Promise<Histograms> {
  const rows = { firstStep, lastStep, maxRows: MOST_HISTOGRAMS };
  const [axes, counts] = await Promise.all([
    client.histogramAxes(run, key, signal, rows),
    client.histogram(run, key, signal, rows),
  ]);
  return histogramsOf(axes, counts);
}
