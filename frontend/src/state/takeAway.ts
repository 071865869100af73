import type { Figure, FigureMap } from './figure';
import { MAX_ANSWER_ELEMENTS, type Plane } from './levels';
import { type Part, partText, type Span } from './slice';

/** A part of a matrix in elements, from a place to a place. */
interface Region {
  readonly rows: readonly [number, number];
  readonly cols: readonly [number, number];
}

/** The part of a recorded tensor that is taken away. */
export interface Taken {
  run: string;
  generation: string;
  key: string;
  step: number;
  /** In NumPy's words, with spaces: `0, 6, :, :`. */
  index: string;
  /** Which axis of the slice comes first, second, ... in the picture; null where they come in order. */
  order: readonly number[] | null;
  level: number;
  plane: Exclude<Plane, 'max_abs' | 'range'>;
}

/** The part of a span that a view of it shows. */
function seenOf([start, stop]: Span, [from, to]: readonly [number, number]): Span {
  return [start + Math.max(0, Math.floor(from)), Math.min(stop, start + Math.ceil(to))];
}

/** What is shown of each axis, in elements; null where that is more than one answer holds. */
function elementIndices(
  { request: { tensor, plan } }: Figure,
  region: Region | null,
): string[] | null {
  if (tensor.stored !== 'exact') return null;
  const parts = tensor.shape.map((extent, axis): Part => {
    const pick = plan.picks.find(candidate => candidate.axis === axis);
    if (pick !== undefined) return pick.index;
    const span = plan.spans[axis] ?? [0, extent];
    if (!plan.tiled || region === null) return span;
    if (axis === plan.rowAxis) return seenOf(span, region.rows);
    return axis === plan.colAxis ? seenOf(span, region.cols) : span;
  });
  const size = parts.reduce<number>(
    (product, part) => product * (typeof part === 'number' ? 1 : part[1] - part[0]),
    1,
  );
  if (size > MAX_ANSWER_ELEMENTS) return null;
  return parts.map((part, axis) => partText(part, tensor.shape[axis] ?? 1));
}

/** The order of the axes that a slice keeps, as they are drawn: `1, 0`; null where they are not turned. */
function drawnOrder(parts: readonly string[], drawn: readonly number[]): number[] | null {
  const kept = drawn.filter(axis => parts[axis]?.includes(':') ?? false);
  const sorted = [...kept].sort((a, b) => a - b);
  const order = kept.map(axis => sorted.indexOf(axis));
  return order.every((place, i) => place === i) ? null : order;
}

/**
 * What of the tensor is shown, to be taken away: its exact elements wherever one answer holds them,
 * else the blocks of the shown level. `map` is the one that is shown large, if there is one.
 */
export function takenOf(figure: Figure, map: FigureMap | undefined, region: Region | null): Taken {
  const { run, generation, step, tensor, plan } = figure.request;
  const exact = plan.level === 0 || plan.tiled ? elementIndices(figure, region) : null;
  const parts = exact ?? plan.slice.split(',');
  map?.index.forEach((at, place) => {
    const axis = plan.drawn[place];
    if (axis === undefined) return;
    const first = plan.spans[axis]?.[0] ?? 0;
    const block = exact === null ? (plan.blocks[axis] ?? 1) : 1;
    parts[axis] = String(first / block + at);
  });
  const plane = plan.plane === 'max_abs' || plan.plane === 'range' ? 'max' : plan.plane;
  return {
    run,
    generation,
    key: tensor.key,
    step,
    index: parts.join(', '),
    order: drawnOrder(parts, plan.drawn),
    level: exact === null ? plan.level : 0,
    plane: exact === null ? plane : 'mean',
  };
}

/** A name for a file: `conv2.0_output_step300_0-6`. */
export function fileStem({ key, step, index }: Taken): string {
  const plain = key.replace(/^\//, '').replaceAll(/[^\w.-]+/g, '_');
  const picked = index.replaceAll(/[^\d,]/g, '').replaceAll(/,+/g, '-');
  return `${plain}_step${step}${/\d/.test(picked) ? `_${picked.replace(/-+$/, '')}` : ''}`;
}

/** What a terminal takes for a command, or an editor shows in another order than it is run. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text as a Python string, which shows all that is in it. */
function pythonText(text: string): string {
  return JSON.stringify(text).replace(INVISIBLE, letter => {
    const code = letter.codePointAt(0) ?? 0;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Python that loads exactly this. `directory` is that of the run. */
export function pythonOf(taken: Taken, directory: string): string {
  const { key, step, index, order, level, plane } = taken;
  const levelText = level === 0 ? '' : `.level(${level}, ${pythonText(plane)})`;
  return [
    'import tb_layerview',
    '',
    `log = tb_layerview.open(${pythonText(directory)})`,
    `array = log[${pythonText(key)}].at(${step})${levelText}[${index}]`,
    ...(order === null ? [] : [`array = array.transpose(${order.join(', ')})  # as it is drawn`]),
    '',
  ].join('\n');
}

/** The directory of a run below where TensorBoard's data lie; the run's name where that is unknown. */
export function runDirectory(run: string, dataLocation: string | null): string {
  const isOne = dataLocation !== null && dataLocation !== '' && !dataLocation.includes(',');
  if (!isOne) return run;
  return run === '.' ? dataLocation : `${dataLocation.replace(/\/$/, '')}/${run}`;
}
