import type { RangeMode, ScaleSettings } from '../scale/types';
import type { Figure } from './figure';

/** What colours have in common over steps or runs: not known yet, known, or why it is not. */
interface SharedState {
  readonly isKnown: boolean;
  readonly error: Error | null;
}

const OVER: Partial<Record<RangeMode, string>> = { steps: 'all steps', runs: 'the runs' };

function sharedNote(mode: RangeMode, { isKnown, error }: SharedState): string[] {
  const over = OVER[mode];
  if (over === undefined || isKnown) return [];
  return error === null
    ? [`The range of ${over} is being read; so far it is that of what is shown.`]
    : [
        `The range is that of what is shown, as that of ${over} could not be read: ${error.message}.`,
      ];
}

function rangeWords(mode: RangeMode, figure: Figure): string[] {
  const { partial, request } = figure;
  const { plan, tensor } = request;
  if (mode === 'robust' && (partial !== null || plan.tiled)) {
    return [`Percentiles are estimated from blocks${partial === null ? '' : ' so far'}.`];
  }
  const isCropped = plan.drawn.some(axis => {
    const [start = 0, stop = 0] = plan.spans[axis] ?? [];
    return axis >= tensor.shape.length - 2 && stop - start < (tensor.shape[axis] ?? 0);
  });
  const isOfBlocks = partial !== null && isCropped && mode !== 'fixed';
  return isOfBlocks ? ['So far the range is that of the blocks around the crop.'] : [];
}

function countsWords({ partial, request }: Figure): string[] {
  if (partial !== null) return ['Counts are of the maps that are there so far.'];
  const isOfBlocks = request.plan.tiled || request.plan.level > 0;
  return isOfBlocks ? ['Counts are of blocks, not of elements.'] : [];
}

/**
 * What of a legend does not hold for all elements (yet), in words; null where all of it does.
 * `hasSpecial` tells whether it counts anything.
 */
export function legendNote(
  { mode }: ScaleSettings,
  figures: readonly Figure[],
  shared: SharedState,
  hasSpecial: boolean,
): string | null {
  const words = new Set([
    ...sharedNote(mode, shared),
    ...figures.flatMap(figure => rangeWords(mode, figure)),
    ...(hasSpecial ? figures.flatMap(countsWords) : []),
  ]);
  return words.size === 0 ? null : [...words].join(' ');
}

/** Of the third picture of two large matrices. */
export function thirdNote(limit: number | null, blockSide: number): string | null {
  if (limit !== null || blockSide === 1) return null;
  return `Up to what blocks of ${blockSide} x ${blockSide} elements differ: single elements may lie beyond.`;
}
