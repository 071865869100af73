import type { NdArray } from '../api/npy';
import { formatValue } from '../scale/format';
import type { Part } from './slice';

/** Elements of a file that a spreadsheet, and a browser, can still hold. */
export const MAX_CSV_ELEMENTS = 2_000_000;
/** Elements that are written at once: some hundredths of a second. */
const CHUNK_ELEMENTS = 50_000;

/** An axis of a tensor: what it is called, and how many of its elements an index stands for. */
export interface CsvAxis {
  readonly name: string;
  readonly block: number;
}

function elementText(array: NdArray, address: number): string {
  const text = (at: number) =>
    formatValue(array.values[at] ?? Number.NaN, array.values).replace('+Inf', 'Inf');
  if (array.parts === undefined) return text(address);
  const part = (at: number) => formatValue(array.parts?.[at] ?? Number.NaN, array.values);
  const imaginary = part(2 * address + 1);
  return `${part(2 * address)}${/^[+-]/.test(imaginary) ? '' : '+'}${imaginary}j`;
}

/** A text as a cell that no spreadsheet takes for a formula, as a name in a log may look like one. */
export function quoted(text: string): string {
  const inert = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}

/** The first element of an index along an axis that is kept, counted in the whole tensor. */
function indexAt(part: Part, at: number, block: number): number {
  const start = typeof part === 'number' ? part : part[0];
  return (start + at) * block;
}

/**
 * An array as comma-separated values, piece by piece, with every digit that reads back as the same
 * number. A matrix is lines and columns and nothing else; what has more axes has a line for each
 * row of its last axis, after a first line that names the columns: the indices of the other axes
 * into the whole tensor (of blocks, those of their first elements), and those of the last one.
 *
 * `parts` and `axes` are of all axes of the tensor.
 */
export function* csvPieces(
  array: NdArray,
  parts: readonly Part[],
  axes: readonly CsvAxis[],
): Generator<string> {
  const kept = parts.flatMap((part, axis) => {
    const { name, block } = axes[axis] ?? { name: `Axis ${axis}`, block: 1 };
    return typeof part === 'number' ? [] : [{ part, name, block }];
  });
  const { shape, strides } = array;
  const cols = shape.at(-1) ?? 1;
  const outer = shape.slice(0, -1);
  const rows = outer.reduce((product, extent) => product * extent, 1);
  const colStride = strides.at(-1) ?? 1;
  const isMatrix = outer.length <= 1;
  const last = kept.at(-1);
  let lines: string[] = [];
  if (!isMatrix && last) {
    const names = kept.slice(0, -1).map(({ name }) => quoted(name));
    const ends = Array.from({ length: cols }, (_, col) =>
      String(indexAt(last.part, col, last.block)),
    );
    lines.push([...names, ...ends].join(','));
  }
  const piece = Math.max(1, Math.floor(CHUNK_ELEMENTS / Math.max(1, cols)));
  for (let row = 0; row < rows; row++) {
    let rest = row;
    let address = 0;
    const place: string[] = [];
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const extent = outer[axis] ?? 1;
      const at = rest % extent;
      const { part, block } = kept[axis] ?? { part: 0, block: 1 };
      place.unshift(String(indexAt(part, at, block)));
      address += at * (strides[axis] ?? 0);
      rest = Math.floor(rest / extent);
    }
    const cells = isMatrix ? [] : place;
    for (let col = 0; col < cols; col++) cells.push(elementText(array, address + col * colStride));
    lines.push(cells.join(','));
    if (lines.length >= piece) {
      yield `${lines.join('\n')}\n`;
      lines = [];
    }
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}

/**
 * The pieces of a file, made without holding the page up; `onProgress` is told the share that is
 * done. Rejects with the signal's reason when that is aborted.
 */
export async function collectPieces(
  pieces: Iterable<string>,
  elements: number,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<string[]> {
  const collected: string[] = [];
  for (const piece of pieces) {
    collected.push(piece);
    onProgress(Math.min(1, (collected.length * CHUNK_ELEMENTS) / Math.max(1, elements)));
    // A task of its own for each piece: what is clicked meanwhile comes in between.
    await new Promise(resolve => setTimeout(resolve));
    signal.throwIfAborted();
  }
  return collected;
}
