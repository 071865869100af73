/** What each axis of a tensor is in its picture. */

import type { Tensor } from '../contract/messages';
import { MAX_ANSWER_ELEMENTS } from './levels';

/**
 * `maps` are pictures of their own side by side, along any number of axes; `down` and `across` are
 * the two axes of a grid of small pictures, as kernels are; of a `slider` one index is shown.
 */
export const ROLES = ['rows', 'columns', 'maps', 'down', 'across', 'slider'] as const;
export type Role = (typeof ROLES)[number];

/** How a tensor is drawn. */
export type Layout = 'scalar' | 'strip' | 'heatmap' | 'gallery' | 'kernels';

/** What of a tensor decides which layout suits it. */
export type Arrangeable = Pick<Tensor, 'shape' | 'axes' | 'kind'>;

export const SAMPLE_AXIS = 'Sample';

/** Axes of which people compare pictures side by side. */
const COMPARED: ReadonlySet<string> = new Set([
  'Filter',
  'Channel',
  'Head',
  'Output Channel',
  'Feature',
]);
/** Axes through which people walk, one index at a time. */
const WALKED: ReadonlySet<string> = new Set(['Depth', 'Time', 'Layer']);
const [OUT, IN] = ['Output Channel', 'Input Channel'];
/** Pictures up to this side, in elements, can be told apart in a grid of them. */
const MAX_KERNEL_SIDE = 32;

const LETTERS: Readonly<Record<Role, string>> = {
  rows: 'r',
  columns: 'c',
  maps: 'm',
  down: 'y',
  across: 'x',
  slider: 's',
};

export function layoutOf(roles: readonly Role[]): Layout {
  const has = (role: Role) => roles.includes(role);
  if (has('down') && has('across') && !has('maps')) return 'kernels';
  if (has('maps') || has('down') || has('across')) return 'gallery';
  if (has('rows')) return 'heatmap';
  return has('columns') ? 'strip' : 'scalar';
}

/** The axes of a picture in the order in which it is drawn: maps, then rows, then columns. */
export interface DrawnAxes {
  outer: number[];
  rowAxis: number | null;
  colAxis: number | null;
}

export function drawnAxes(roles: readonly Role[]): DrawnAxes {
  const axesOf = (...wanted: Role[]) =>
    roles.flatMap((role, axis) => (wanted.includes(role) ? [axis] : []));
  const outer =
    layoutOf(roles) === 'kernels'
      ? [...axesOf('down'), ...axesOf('across')]
      : axesOf('maps', 'down', 'across');
  const [rowAxis = null] = axesOf('rows');
  const [colAxis = null] = axesOf('columns');
  return { outer, rowAxis, colAxis };
}

/** The layout that suits a tensor best. Outputs are shown for one sample at a time. */
export function naturalRoles(tensor: Arrangeable): Role[] {
  const sampleAxis = tensor.kind === 'sample' ? -1 : tensor.axes.indexOf(SAMPLE_AXIS);
  const rest = tensor.shape.map((_, axis) => axis).filter(axis => axis !== sampleAxis);
  return rolesFor(tensor, rest);
}

/** The layout that suits a tensor best where only some of its axes may be drawn. */
export function rolesFor(tensor: Arrangeable, kept: readonly number[]): Role[] {
  const { shape, axes, kind } = tensor;
  const roles = shape.map((): Role => 'slider');
  const plane = planeOf(tensor, kept);
  const [first, last] = plane;
  const outer = kept.filter(axis => !plane.includes(axis));
  if (last !== undefined && first !== undefined) {
    roles[first] = 'rows';
    roles[last] = 'columns';
  } else if (first !== undefined) roles[first] = 'columns';
  const named = (name: string | undefined) => outer.find(axis => axes[axis] === name);
  const [out, into] = [named(OUT), named(IN)];
  if (kind === 'sample') {
    for (const axis of outer) if (!WALKED.has(axes[axis] ?? '')) roles[axis] = 'maps';
  } else if (out !== undefined && into !== undefined) {
    roles[out] = 'down';
    roles[into] = 'across';
  } else if (isKernels(tensor, kept)) {
    const [down = 0, across = 0] = outer;
    roles[down] = 'down';
    roles[across] = 'across';
  } else {
    const compared = outer.find(axis => COMPARED.has(axes[axis] ?? '')) ?? outer.at(-1);
    if (compared !== undefined && areFew(tensor, kept, compared)) roles[compared] = 'maps';
  }
  return roles;
}

/** The axes that are rows and columns: those of a picture, wherever they stand, else the last two. */
function planeOf({ axes }: Arrangeable, kept: readonly number[]): number[] {
  const [row, column] = ['Row', 'Column'].map(name => kept.find(axis => axes[axis] === name));
  return row === undefined || column === undefined ? kept.slice(-2) : [row, column];
}

function isKernels(tensor: Arrangeable, kept: readonly number[]): boolean {
  const { shape, axes } = tensor;
  const sides = planeOf(tensor, kept).map(axis => shape[axis] ?? 0);
  const isWhole = kept.length === 4 && !axes.includes(SAMPLE_AXIS);
  return isWhole && sides.every(side => side <= MAX_KERNEL_SIDE);
}

/** Whether maps along an axis are one answer. Those of a sample may be drawn in blocks, too. */
function areFew(tensor: Arrangeable, kept: readonly number[], along: number): boolean {
  const { shape, axes } = tensor;
  if (axes.includes(SAMPLE_AXIS)) return true;
  const extents = [along, ...planeOf(tensor, kept)].map(axis => shape[axis] ?? 1);
  return extents.reduce((size, extent) => size * extent, 1) <= MAX_ANSWER_ELEMENTS;
}

/**
 * Gives an axis a role. Of rows, columns and the two of a grid there is one each: who had it gets
 * the role that became free. There are maps, or there is a grid of two axes.
 */
export function withRole(roles: readonly Role[], axis: number, role: Role): Role[] {
  const next = [...roles];
  const before = roles[axis];
  if (before === undefined || before === role) return next;
  next[axis] = role;
  const isShared = role === 'maps' || role === 'slider';
  const holder = isShared ? -1 : roles.indexOf(role);
  if (holder >= 0) next[holder] = before;
  if (role === 'maps') return next.map(each => (isOfGrid(each) ? 'maps' : each));
  if (!isOfGrid(role)) return next;
  const other: Role = role === 'down' ? 'across' : 'down';
  const heir = next.includes(other) ? -1 : next.indexOf('maps');
  const ofMaps = (at: number): Role => (at === heir ? other : 'slider');
  return next.map((each, at) => (each === 'maps' ? ofMaps(at) : each));
}

function isOfGrid(role: Role): boolean {
  return role === 'down' || role === 'across';
}

/** The same picture, transposed. */
export function swapped(roles: readonly Role[]): Role[] {
  const partner: Partial<Record<Role, Role>> = { rows: 'columns', columns: 'rows' };
  return roles.map(role => partner[role] ?? role);
}

/** `smrc`: a letter for each axis. */
export function rolesText(roles: readonly Role[]): string {
  return roles.map(role => LETTERS[role]).join('');
}

/** What `rolesText` says; undefined of a text that no layout has. */
export function parseRoles(text: string): Role[] | undefined {
  const roles = [...text].map(letter => ROLES.find(role => LETTERS[role] === letter));
  const found = roles.filter(role => role !== undefined);
  const isOnce = (role: Role) => found.filter(each => each === role).length < 2;
  const isLayout = (['rows', 'columns', 'down', 'across'] as const).every(isOnce);
  return text !== '' && found.length === roles.length && isLayout ? found : undefined;
}
