import type { Figure, FigureMap } from './figure';
import { MAX_ANSWER_ELEMENTS, type Plane } from './levels';

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
  level: number;
  plane: Exclude<Plane, 'max_abs' | 'range'>;
}

function spanText([from, to]: readonly [number, number], extent: number): string {
  const start = Math.max(0, Math.floor(from));
  const stop = Math.min(extent, Math.ceil(to));
  return `${start}:${stop}`;
}

function spanLength(text: string, extent: number): number {
  if (!text.includes(':')) return 1;
  const [start = '', stop = ''] = text.split(':');
  return (stop === '' ? extent : Number(stop)) - (start === '' ? 0 : Number(start));
}

/** What is shown of each axis, in elements; null where that is more than one answer holds. */
function elementIndices(
  { request: { tensor, plan } }: Figure,
  region: Region | null,
): string[] | null {
  if (tensor.stored !== 'exact') return null;
  const [rowAxis = -1, colAxis = -1] = plan.drawn.slice(-2);
  const parts = tensor.shape.map((extent, axis) => {
    const pick = plan.picks.find(candidate => candidate.axis === axis);
    if (pick !== undefined) return String(pick.index);
    if (plan.tiled && region !== null && axis === rowAxis) return spanText(region.rows, extent);
    if (plan.tiled && region !== null && axis === colAxis) return spanText(region.cols, extent);
    const isWindow = plan.window !== null && axis === plan.drawn[0];
    return isWindow ? `${plan.window?.start}:${plan.window?.stop}` : ':';
  });
  const size = parts.reduce(
    (product, part, axis) => product * spanLength(part, tensor.shape[axis] ?? 1),
    1,
  );
  return size <= MAX_ANSWER_ELEMENTS ? parts : null;
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
    if (axis !== undefined)
      parts[axis] = String(at + (place === 0 ? (plan.window?.start ?? 0) : 0));
  });
  const plane = plan.plane === 'max_abs' || plan.plane === 'range' ? 'max' : plan.plane;
  return {
    run,
    generation,
    key: tensor.key,
    step,
    index: parts.join(', '),
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
  const { key, step, index, level, plane } = taken;
  const levelText = level === 0 ? '' : `.level(${level}, ${pythonText(plane)})`;
  return [
    'import tb_layerview',
    '',
    `log = tb_layerview.open(${pythonText(directory)})`,
    `array = log[${pythonText(key)}].at(${step})${levelText}[${index}]`,
    '',
  ].join('\n');
}

/** The directory of a run below where TensorBoard's data lie; the run's name where that is unknown. */
export function runDirectory(run: string, dataLocation: string | null): string {
  const isOne = dataLocation !== null && dataLocation !== '' && !dataLocation.includes(',');
  if (!isOne) return run;
  return run === '.' ? dataLocation : `${dataLocation.replace(/\/$/, '')}/${run}`;
}
