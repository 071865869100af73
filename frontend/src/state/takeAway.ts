import type { Figure, FigureMap } from './figure';
import { MAX_ANSWER_ELEMENTS, type Plane } from './levels';
import { type Part, partText, type Span } from './slice';

/** A part of a matrix in elements, from a place to a place. */
interface Region {
  readonly rows: readonly [number, number];
  readonly cols: readonly [number, number];
}

/** What the log has of blocks. */
export type SavedPlane = Exclude<Plane, 'max_abs' | 'range'>;

/** The recorded part of a tensor that is taken away. */
export interface Taken {
  run: string;
  generation: string;
  key: string;
  step: number;
  /** Of each axis; of a level, in its blocks. */
  parts: readonly Part[];
  /** In NumPy's words, with spaces: `0, 6, :, :`. */
  index: string;
  /** Which axis of the slice comes first, second, ... in the picture; null where they come in order. */
  order: readonly number[] | null;
  /** How many elements, or blocks, it has. */
  count: number;
  level: number;
  /** What is shown of blocks; of elements `mean`, as there are no others. */
  shown: Plane;
  /** The planes that this is made of: an extreme and a range are made by the page, of two. */
  planes: readonly SavedPlane[];
}

const PLANES_OF: Readonly<Record<Plane, readonly SavedPlane[]>> = {
  mean: ['mean'],
  min: ['min'],
  max: ['max'],
  max_abs: ['min', 'max'],
  range: ['min', 'max'],
};

/** The part of a span that a view of it shows. */
function seenOf([start, stop]: Span, [from, to]: readonly [number, number]): Span {
  return [start + Math.max(0, Math.floor(from)), Math.min(stop, start + Math.ceil(to))];
}

function countOf(parts: readonly Part[]): number {
  return parts.reduce<number>(
    (size, part) => size * (typeof part === 'number' ? 1 : part[1] - part[0]),
    1,
  );
}

/** What is shown of each axis, in elements; null where that is more than one answer holds. */
function elementParts({ request: { tensor, plan } }: Figure, region: Region | null): Part[] | null {
  if (tensor.stored !== 'exact') return null;
  const parts = tensor.shape.map((extent, axis): Part => {
    const pick = plan.picks.find(candidate => candidate.axis === axis);
    if (pick !== undefined) return pick.index;
    const span = plan.spans[axis] ?? [0, extent];
    if (!plan.tiled || region === null) return span;
    if (axis === plan.rowAxis) return seenOf(span, region.rows);
    return axis === plan.colAxis ? seenOf(span, region.cols) : span;
  });
  return countOf(parts) <= MAX_ANSWER_ELEMENTS ? parts : null;
}

/** The same in the blocks of the level that is drawn. */
function blockParts({ request: { tensor, plan } }: Figure): Part[] {
  return tensor.shape.map((extent, axis): Part => {
    const block = plan.blocks[axis] ?? 1;
    const pick = plan.picks.find(candidate => candidate.axis === axis);
    if (pick !== undefined) return Math.floor(pick.index / block);
    const [start, stop] = plan.spans[axis] ?? [0, extent];
    return [Math.floor(start / block), Math.ceil(stop / block)];
  });
}

/** The order of the axes that a slice keeps, as they are drawn: `1, 0`; null where they are not turned. */
function drawnOrder(parts: readonly Part[], drawn: readonly number[]): number[] | null {
  const kept = drawn.filter(axis => typeof parts[axis] !== 'number');
  const sorted = [...kept].sort((a, b) => a - b);
  const order = kept.map(axis => sorted.indexOf(axis));
  return order.every((place, i) => place === i) ? null : order;
}

function indexText(parts: readonly Part[], extents: readonly number[]): string {
  const words = parts.map((part, axis) => partText(part, extents[axis] ?? 1));
  // NumPy's `()` is the whole of a scalar; in a list of slices that is an ellipsis.
  return words.length === 0 ? '...' : words.join(', ');
}

/**
 * What of the tensor is shown, to be taken away: its exact elements wherever one answer holds them,
 * else the blocks of the shown level. `map` is the one that is shown large, if there is one.
 */
export function takenOf(figure: Figure, map: FigureMap | undefined, region: Region | null): Taken {
  const { run, generation, step, tensor, plan } = figure.request;
  const exact = plan.level === 0 || plan.tiled ? elementParts(figure, region) : null;
  const parts = exact ?? blockParts(figure);
  map?.index.forEach((at, place) => {
    const axis = plan.drawn[place];
    if (axis === undefined) return;
    const first = plan.spans[axis]?.[0] ?? 0;
    parts[axis] = first / (exact === null ? (plan.blocks[axis] ?? 1) : 1) + at;
  });
  const level = exact === null ? plan.level : 0;
  const shown = level === 0 ? 'mean' : plan.plane;
  return {
    run,
    generation,
    key: tensor.key,
    step,
    parts,
    index: indexText(
      parts,
      tensor.shape.map((extent, axis) =>
        level === 0 ? extent : Math.ceil(extent / (plan.blocks[axis] ?? 1)),
      ),
    ),
    order: drawnOrder(parts, plan.drawn),
    count: countOf(parts),
    level,
    shown,
    planes: PLANES_OF[shown],
  };
}

/** What stands for a key in the name of a file. */
export function keyStem(key: string): string {
  return key.replace(/^\//, '').replaceAll(/[^\w.-]+/g, '_');
}

/** A name for a file: `conv2.0_output_step300_0-6`, `fc_param.weight_step0_100to164-0to8_level1_max`. */
export function fileStem(taken: Taken, plane: SavedPlane | null = null): string {
  const { key, step, index, level } = taken;
  const plain = keyStem(key);
  const picked = index
    .split(', ')
    .filter(part => /\d/.test(part))
    .map(part => part.replace(':', 'to'));
  const parts = [plain, `step${step}`, picked.join('-')].filter(part => part !== '');
  if (level > 0 && plane !== null) parts.push(`level${level}`, plane);
  return parts.join('_');
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
  const { key, step, index, order, level, shown, planes } = taken;
  const turn =
    order === null ? [] : [`array = array.transpose(${order.join(', ')})  # as it is drawn`];
  const series = `log[${pythonText(key)}].at(${step})`;
  const loaded = (plane: SavedPlane) =>
    `${series}${level === 0 ? '' : `.level(${level}, ${pythonText(plane)})`}[${index}]`;
  const open = [`log = tb_layerview.open(${pythonText(directory)})`];
  const [plane = 'mean'] = planes;
  if (planes.length === 1) {
    return ['import tb_layerview', '', ...open, `array = ${loaded(plane)}`, ...turn, ''].join('\n');
  }
  const made =
    shown === 'range' ? 'greatest - least' : 'numpy.where(-least > greatest, least, greatest)';
  return [
    ...(shown === 'range' ? [] : ['import numpy']),
    'import tb_layerview',
    '',
    ...open,
    `least = ${loaded('min')}`,
    `greatest = ${loaded('max')}`,
    `array = ${made}`,
    ...turn,
    '',
  ].join('\n');
}
