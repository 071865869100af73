import { Legend } from '../picture';
import type { Distribution } from '../scale/distribution';
import type { LookCounts, Scale } from '../scale/types';
import type { ScaleGroup } from '../state/scales';
import { runsOfRange } from '../state/sharedRange';
import { useApp } from './appContext';

/** Chooses the runs whose colours have one range. */
function RangeRuns() {
  const { view, selection } = useApp();
  const runs = (view.runs.answer.value?.value.runs ?? []).map(run => run.name);
  const chosen = runsOfRange(view, selection);
  const toggle = (name: string) => {
    const next = runs.filter(run => (run === name) !== chosen.includes(run));
    // All of them is what is meant where none is named: also those that are still to come.
    selection.rangeRuns.value = next.length === runs.length ? [] : next;
  };
  return (
    <details class="lv-range-runs">
      <summary>{chosen.length === runs.length ? `all ${runs.length}` : chosen.length} runs</summary>
      <fieldset aria-label="Runs that share the range">
        {runs.map(name => (
          <label key={name} class="lv-check">
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              // The last one stays: a range of no run is none.
              disabled={chosen.length === 1 && chosen.includes(name)}
              onChange={() => toggle(name)}
            />
            {name}
          </label>
        ))}
      </fieldset>
    </details>
  );
}

interface Props {
  group: ScaleGroup;
  scale: Scale;
  counts: LookCounts;
  distribution?: Distribution | null;
}

/** The legend of a group of tensors: what is chosen on it holds for all of them. */
export function SharedLegend({ group, scale, counts, distribution }: Props) {
  const { selection } = useApp();
  return (
    <Legend
      scale={scale}
      counts={counts}
      distribution={distribution}
      onChange={settings => selection.chooseScale(group, settings)}
    >
      {scale.settings.mode === 'runs' && <RangeRuns />}
    </Legend>
  );
}
