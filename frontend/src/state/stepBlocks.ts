/** Long runs in few columns: which steps a column stands for, and in which parts they are asked for. */

/** The recorded steps that each column stands for. */
export type StepBlocks = readonly (readonly [first: number, last: number])[];

/** The steps of each block of them, as the server makes them of `maxColumns`. */
export function blocksOfSteps(steps: readonly number[], maxColumns: number): StepBlocks {
  return blocksOfLength(steps, Math.max(1, Math.ceil(steps.length / maxColumns)));
}

/**
 * How many steps a column stands for, that there are at most so many: of the lengths 1, 2, 3, 4, 6,
 * 8, 12... the first that will do. So a run that goes on is read anew once it is half as long again.
 */
export function lengthOfBlocks(steps: number, maxColumns: number): number {
  const least = steps / maxColumns;
  const power = 2 ** Math.max(0, Math.ceil(Math.log2(least)));
  return power >= 4 && power * 0.75 >= least ? power * 0.75 : power;
}

/** The steps of each block of `block` of them; the last may have fewer. */
export function blocksOfLength(steps: readonly number[], block: number): StepBlocks {
  return Array.from({ length: Math.ceil(steps.length / block) }, (_, column) => {
    const first = steps[column * block] ?? 0;
    return [first, steps[Math.min(steps.length, (column + 1) * block) - 1] ?? first] as const;
  });
}

/** Statistics of one tensor at one step take so many bytes in a log. */
export const TABLE_BYTES = 13 * 8;
/** The server reads about this in the time in which a person begins to wait. */
export const BYTES_OF_A_PART = 200e6;

/**
 * Steps in parts that take about as long to be read each, of whole blocks of `block` steps: a long
 * run is drawn as it comes. What is left of the last block is a part of its own. `weight` is how
 * many times the price of a statistic is paid.
 */
export function partsOfSteps(
  steps: readonly number[],
  block: number,
  tensors: number,
  weight: number,
  partBytes: number,
): number[][] {
  const affordable = partBytes / (TABLE_BYTES * Math.max(1, tensors) * weight);
  const length = Math.max(1, Math.floor(affordable / block)) * block;
  const whole = steps.length - (steps.length % block);
  const parts = Array.from({ length: Math.ceil(whole / length) }, (_, part) =>
    steps.slice(part * length, Math.min((part + 1) * length, whole)),
  );
  return whole < steps.length ? [...parts, steps.slice(whole)] : parts;
}
