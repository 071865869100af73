/** What stands between the brackets of NumPy: which elements of a tensor are shown. */

/** Elements from a place to a place that is not part of it. */
export type Span = readonly [start: number, stop: number];

/** Of each axis one index, or a span of it. */
export type Part = number | Span;

export type ParsedSlice = { parts: Part[] } | { error: string };

const INTEGER = /^[+-]?\d+$/;
const SPAN = /^([+-]?\d+)?\s*:\s*([+-]?\d+)?$/;
const ELLIPSIS = '...';

function isIndex(part: Part): part is number {
  return typeof part === 'number';
}

/** As NumPy counts: negative numbers from the end, and an end beyond the axis is its end. */
function bound(text: string | undefined, extent: number, otherwise: number): number {
  if (text === undefined) return otherwise;
  const at = Number(text);
  return Math.max(0, Math.min(at < 0 ? at + extent : at, extent));
}

function parsePart(text: string, extent: number, name: string): Part | string {
  if (INTEGER.test(text)) {
    const at = Number(text);
    if (extent === 0) return `${name} has no elements, so it has no ${text}`;
    if (at < -extent || at >= extent) {
      return `${name} has ${extent}: ${-extent} to ${extent - 1}, not ${text}`;
    }
    return at < 0 ? at + extent : at;
  }
  const found = SPAN.exec(text);
  if (found === null) {
    if (text.split(':').length > 2) return `${name}: steps, as in ${text}, cannot be shown`;
    const what = text === '' ? 'nothing' : `'${text}'`;
    return `${name}: expected a number, a:b, : or ..., not ${what}`;
  }
  const start = bound(found[1], extent, 0);
  const stop = bound(found[2], extent, extent);
  if (start < stop || extent === 0) return [start, Math.max(start, stop)];
  return `${name}: ${text} has no elements, of ${extent}`;
}

/**
 * Reads a slice of a tensor: integers, `a:b` with either left out, and one `...`; what is not
 * mentioned is whole. The error says in words what does not fit.
 */
export function parseSlice(
  text: string,
  shape: readonly number[],
  axes: readonly string[],
): ParsedSlice {
  const inner = text
    .trim()
    .replace(/^\[(.*)\]$/s, '$1')
    .trim()
    .replace(/,$/, ''); // NumPy allows it at the end
  const texts = inner === '' ? [] : inner.split(',').map(part => part.trim());
  const ellipses = texts.filter(part => part === ELLIPSIS).length;
  if (ellipses > 1) return { error: 'one ... can stand in a slice, not several' };
  const named = texts.length - ellipses;
  if (named > shape.length) {
    const axesText = shape.length === 1 ? 'one axis' : `${shape.length} axes`;
    return { error: `the tensor has ${axesText}, the slice has ${named}` };
  }
  const left = Array.from({ length: shape.length - named }, () => ':');
  const at = ellipses === 1 ? texts.indexOf(ELLIPSIS) : texts.length;
  const whole = [...texts.slice(0, at), ...left, ...texts.slice(at + 1)];
  const parts: Part[] = [];
  for (const [axis, extent] of shape.entries()) {
    const part = parsePart(whole[axis] ?? ':', extent, axes[axis] ?? `Axis ${axis}`);
    if (typeof part === 'string') return { error: part };
    parts.push(part);
  }
  return { parts };
}

/** A part as it is written: `3`, `4:12`, or `:` of all. */
export function partText(part: Part, extent: number): string {
  if (isIndex(part)) return String(part);
  const [start, stop] = part;
  return start === 0 && stop === extent ? ':' : `${start}:${stop}`;
}

/** The span within an axis that is asked for; all of the axis where nothing of it is there. */
export function spanWithin(span: Span | undefined, extent: number): Span {
  if (span === undefined) return [0, extent];
  const [start, stop] = [Math.max(0, span[0]), Math.min(span[1], extent)];
  return start < stop ? [start, stop] : [0, extent];
}
