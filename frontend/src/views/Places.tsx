import type { Finding } from '../contract/messages';
import { PLACES } from '../state/address';
import { countBySeverity } from '../state/findings';
import { useApp } from './appContext';
import { PLACE_KEYS, PLACE_LABELS } from './labels';

interface Grave {
  readonly severity: 'error' | 'warning';
  readonly count: number;
}

/** How many findings are of the gravest kind that there is; null where none is worth a look. */
function gravest(findings: readonly Finding[]): Grave | null {
  const { error, warning } = countBySeverity(findings);
  if (error > 0) return { severity: 'error', count: error };
  return warning > 0 ? { severity: 'warning', count: warning } : null;
}

/** What the page is about: one layer at a time, or the run as a whole. */
export function Places() {
  const { selection, findings } = useApp();
  const shown = selection.place.value;
  const found = gravest(findings.answer.value?.value ?? []);
  const words = found && `${found.count} ${found.severity}${found.count === 1 ? '' : 's'}`;
  return (
    <div class="lv-places">
      {PLACES.map(place => (
        <button
          key={place}
          type="button"
          class="lv-place"
          title={`${PLACE_LABELS[place]} (${PLACE_KEYS[place].toUpperCase()})`}
          aria-pressed={place === shown}
          aria-label={place === 'findings' && words ? `${PLACE_LABELS[place]} ${words}` : undefined}
          onClick={() => {
            selection.place.value = place;
          }}
        >
          {PLACE_LABELS[place]}{' '}
          {place === 'findings' && found && (
            <span class={`lv-badge lv-badge-${found.severity}`} title={words ?? ''}>
              {found.count}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
