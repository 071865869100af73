import type { Plan } from './plan';
import {
  type Arrangeable,
  naturalRoles,
  type Role,
  rolesFor,
  SAMPLE_AXIS,
  withRole,
} from './roles';
import type { Selection } from './selection';
import { parseSlice, type Span } from './slice';

/** The roles with which exactly these axes are drawn, as much like the present ones as can be. */
export function rolesKeeping(
  tensor: Arrangeable,
  present: readonly Role[],
  kept: readonly number[],
): Role[] {
  const roles = present.map((role, axis): Role => (kept.includes(axis) ? role : 'slider'));
  const added = kept.filter(axis => roles[axis] === 'slider');
  if (added.length === 0 && String(roles) === String(present)) return roles;
  const needed: readonly Role[] = kept.length > 1 ? ['rows', 'columns'] : ['columns'];
  const isComplete = needed.every(role => roles.includes(role));
  const base = isComplete ? roles : rolesFor(tensor, kept);
  const isMore = (axis: number) => kept.includes(axis) && base[axis] === 'slider';
  // What is drawn keeps its place where rows and columns are there: more axes make more maps.
  return base.reduce((next, _, axis) => (isMore(axis) ? withRole(next, axis, 'maps') : next), base);
}

/**
 * Shows what a slice says of the tensor that the plan is of: an index is a slider's, a span is
 * drawn. Returns what does not fit, in words; null where it is done.
 */
export function applySlice(
  selection: Selection,
  tensor: Arrangeable,
  plan: Plan,
  text: string,
): string | null {
  const { shape, axes } = tensor;
  const parsed = parseSlice(text, shape, axes);
  if ('error' in parsed) return parsed.error;
  const lead: Record<number, number> = {};
  const crop: Record<number, Span> = {};
  const kept: number[] = [];
  let sample = selection.sample.value;
  for (const [axis, part] of parsed.parts.entries()) {
    if (typeof part === 'number') {
      if (axes[axis] === SAMPLE_AXIS && tensor.kind !== 'sample') sample = part;
      else lead[axis] = part;
      continue;
    }
    kept.push(axis);
    if (part[0] > 0 || part[1] < (shape[axis] ?? 0)) crop[axis] = part;
  }
  const roles = rolesKeeping(tensor, plan.roles, kept);
  const isNatural = String(roles) === String(naturalRoles(tensor));
  selection.show({ roles: isNatural ? null : roles, crop, lead, sample });
  return null;
}
