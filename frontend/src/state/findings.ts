import type { Client } from '../api/client';
import type { Finding, OriginDetail, Severity } from '../contract/messages';
import { type Resource, resource } from './resource';
import type { Selection } from './selection';
import type { Summary } from './summary';
import type { View } from './view';

/** From what makes a training fail to what is worth knowing, as the server sorts them. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** Tensors times steps up to which findings are looked for while nobody asks: some seconds. */
const MOST_UNASKED = 5_000_000;

interface FindingsRequest {
  run: string;
  /** Which steps they are of; empty for those that are told while nobody looks at them. */
  stamp: string;
}

/**
 * What went wrong in the shown run. While the list is looked at it follows the training; else it is
 * asked for once, so that the page can say how much there is: of a run that is not too long for that.
 */
export function findingsOf(
  client: Client,
  view: View,
  selection: Selection,
  summary: Summary,
): Resource<FindingsRequest, readonly Finding[]> {
  return resource(
    () => {
      const catalog = view.shownCatalog.value;
      const run = catalog === null ? null : view.run.value;
      const tables = summary.stamp.value;
      if (run === null || tables?.run !== run) return null;
      const isShown = selection.place.value === 'findings';
      const size = (catalog?.tensors.length ?? 0) * (catalog?.steps.length ?? 0);
      if (!isShown && size > MOST_UNASKED) return null;
      return { run, stamp: isShown ? tables.stamp : '' };
    },
    async ({ run }, signal) => (await client.findings(run, signal)).findings,
  );
}

/** How many there are of each severity. */
export function countBySeverity(findings: readonly Finding[]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** `Update too large`: the name of a rule as a title. */
export function ruleTitle(rule: string): string {
  const words = rule === 'non_finite' ? 'not finite' : rule.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `step 3` or `steps 3 to 290`. */
export function stepsText({ first_step: first, last_step: last }: Finding): string {
  return first === last ? `step ${first}` : `steps ${first} to ${last}`;
}

/** Where numbers stopped being finite at a step; null where they are finite. */
export async function originAt(
  client: Client,
  run: string,
  step: number,
  signal: AbortSignal,
): Promise<OriginDetail | null> {
  return (await client.origin(run, step, signal)).origin;
}
