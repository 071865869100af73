import type { NdArray } from '../api/npy';
import { formatValue } from '../scale/format';

/** Rows of a file that a spreadsheet, and a browser, can still hold. */
export const MAX_CSV_ELEMENTS = 2_000_000;

function elementText(array: NdArray, address: number): string {
  const text = (at: number) =>
    formatValue(array.values[at] ?? Number.NaN, array.values).replace('+Inf', 'Inf');
  if (array.parts === undefined) return text(address);
  const part = (at: number) => formatValue(array.parts?.[at] ?? Number.NaN, array.values);
  const imaginary = part(2 * address + 1);
  return `${part(2 * address)}${/^[+-]/.test(imaginary) ? '' : '+'}${imaginary}j`;
}

/** A text as a cell that no spreadsheet takes for a formula, as a name in a log may look like one. */
function quoted(text: string): string {
  const inert = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}

/**
 * An array as comma-separated values, with every digit that reads back as the same number. A matrix
 * is lines and columns; what has more axes has a line for each row of its last axis, with the
 * indices of the others before it, and a first line that names these. `starts` are the indices at
 * which each of the axes begins in the whole tensor.
 */
export function csvOf(
  array: NdArray,
  axes: readonly string[],
  starts: readonly number[] = [],
): string {
  const { shape, strides } = array;
  const cols = shape.at(-1) ?? 1;
  const outer = shape.slice(0, -1);
  const rows = outer.reduce((product, extent) => product * extent, 1);
  const colStride = strides.at(-1) ?? 1;
  const lines: string[] = [];
  const isMatrix = outer.length <= 1;
  if (!isMatrix) {
    const names = axes.slice(0, outer.length).map(quoted);
    const last = Array.from({ length: cols }, (_, col) =>
      String(col + (starts[outer.length] ?? 0)),
    );
    lines.push([...names, ...last].join(','));
  }
  for (let row = 0; row < rows; row++) {
    let rest = row;
    let address = 0;
    const place: number[] = [];
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const extent = outer[axis] ?? 1;
      place.unshift(rest % extent);
      address += (rest % extent) * (strides[axis] ?? 0);
      rest = Math.floor(rest / extent);
    }
    const cells = isMatrix ? [] : place.map((at, axis) => String(at + (starts[axis] ?? 0)));
    for (let col = 0; col < cols; col++) cells.push(elementText(array, address + col * colStride));
    lines.push(cells.join(','));
  }
  return `${lines.join('\n')}\n`;
}
