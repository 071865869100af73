import { useCallback, useRef } from 'preact/hooks';
import { Legend } from '../picture';
import type { Distribution } from '../scale/distribution';
import { counted } from '../scale/format';
import type { LookCounts, Scale } from '../scale/types';
import type { Figure } from '../state/figure';
import { legendNote } from '../state/legendNote';
import type { ScaleGroup } from '../state/scales';
import { knownRange, runsOfRange } from '../state/sharedRange';
import { useApp } from './appContext';
import { useDismissal } from './useDismissal';

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
  const box = useRef<HTMLDetailsElement>(null);
  const close = useCallback(() => {
    if (box.current !== null) box.current.open = false;
  }, []);
  useDismissal(box, close);
  return (
    <details class="lv-range-runs" ref={box}>
      <summary>
        {chosen.length === runs.length && runs.length > 1 ? 'all ' : ''}
        {counted(chosen.length, 'run')}
      </summary>
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
  /** What is drawn in its colours. */
  figures: readonly Figure[];
}

/** The legend of a group of tensors: what is chosen on it holds for all of them. */
export function SharedLegend({ group, scale, counts, distribution, figures }: Props) {
  const { selection, sharedRange } = useApp();
  const [first] = figures;
  const known = first && knownRange(sharedRange, first.request.run, first.request.tensor.key);
  const shared = { isKnown: Boolean(known), error: sharedRange.error.value };
  const { inside: _, ...special } = counts;
  const hasSpecial = Object.values(special).some(count => count > 0);
  return (
    <Legend
      scale={scale}
      counts={counts}
      distribution={distribution}
      note={legendNote(scale.settings, figures, shared, hasSpecial)}
      onChange={settings => selection.chooseScale(group, settings)}
    >
      {scale.settings.mode === 'runs' && <RangeRuns />}
    </Legend>
  );
}
