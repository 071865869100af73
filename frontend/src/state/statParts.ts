/**
 * Statistics of a long run, asked for part by part: a server does not know that nobody waits for an
 * answer any more, and reads on to its end.
 */

import type { Client, StatsRequest } from '../api/client';
import { denseStrides, type NdArray } from '../api/npy';
import type { GiveWay } from './giveWay';
import { BYTES_OF_A_PART, partsOfSteps, TABLE_BYTES } from './stepBlocks';

/** The run, of which the statistics of all tensors are read, whichever are asked for. */
export interface RunSize {
  readonly steps: readonly number[];
  readonly tensors: number;
}

/** Tables side by side: what the last axis counts follows one another. */
function besideEachOther(parts: readonly NdArray[]): NdArray {
  const [first] = parts;
  if (first === undefined || parts.length === 1) {
    return first ?? { values: new Float64Array(0), shape: [0, 0], strides: [0, 1], dtype: 'f8' };
  }
  const widths = parts.map(({ shape }) => shape.at(-1) ?? 0);
  const columns = widths.reduce((sum, width) => sum + width, 0);
  const leading = first.shape.slice(0, -1);
  const rows = leading.reduce((product, extent) => product * extent, 1);
  const values = new Float64Array(rows * columns);
  let column = 0;
  parts.forEach((part, i) => {
    const width = widths[i] ?? 0;
    for (let row = 0; row < rows; row++) {
      const some = part.values.subarray(row * width, (row + 1) * width);
      if (some instanceof Float64Array) values.set(some, row * columns + column);
    }
    column += width;
  });
  const shape = [...leading, columns];
  return { ...first, values, shape, strides: denseStrides(shape) };
}

/** One of so many steps is read about as soon as a part is: 1 where a part is all. */
export function firstLookOf({ steps, tensors }: RunSize): number {
  return Math.max(1, Math.ceil((steps.length * tensors * TABLE_BYTES) / BYTES_OF_A_PART));
}

/** What is not urgent comes in smaller parts, and after each waits for so many times as long. */
const PATIENT_PART = 1 / 2;
const PATIENT_PAUSE = 3;

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/**
 * What `client.stats` answers of the steps of a run; with `maxColumns`, in as many of equal length.
 * With `giveWay` it is not urgent, and leaves the processors to all else for most of the time.
 */
export async function statsInParts(
  client: Client,
  { maxColumns, ...wanted }: StatsRequest,
  { steps, tensors }: RunSize,
  signal: AbortSignal,
  giveWay?: GiveWay,
): Promise<NdArray> {
  const block = Math.max(1, Math.ceil(steps.length / (maxColumns ?? steps.length)));
  const partBytes = BYTES_OF_A_PART * (giveWay === undefined ? 1 : PATIENT_PART);
  const parts = partsOfSteps(steps, block, tensors, 1, partBytes);
  const found: NdArray[] = [];
  for (const part of parts) {
    const [firstStep = 0, lastStep = 0] = [part[0], part.at(-1)];
    const columns = Math.ceil(part.length / block);
    const range = { firstStep, lastStep, maxColumns: columns };
    const askedAt = performance.now();
    found.push(await client.stats({ ...wanted, ...range }, signal));
    if (giveWay === undefined || part === parts.at(-1)) continue;
    await pause((performance.now() - askedAt) * PATIENT_PAUSE);
    await giveWay();
    signal.throwIfAborted();
  }
  return besideEachOther(found);
}
