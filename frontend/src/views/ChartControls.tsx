import { AXES, PANELS } from '../state/chartChoice';
import { MEASURE_LABELS, SHOWN_MEASURES, type ShownMeasure } from '../state/measures';
import { useApp } from './appContext';
import { Choice } from './Choice';
import { MultiChoice } from './MultiChoice';

const BANDS = 'percentiles' as const;
type Drawn = ShownMeasure | typeof BANDS;
const PANEL_LABELS = { each: 'one for each statistic', one: 'one for all' };
const AXIS_LABELS = { linear: 'linear', log: 'logarithmic' };

function summaryOf(names: readonly string[]): string {
  const [first = 'none'] = names;
  return names.length <= 1 ? first : `${first} and ${names.length - 1} more`;
}

/** The end of the shown steps, as a number to be typed. */
function StepField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: number;
  onChange: (step: number) => void;
}) {
  return (
    <label class="lv-picker">
      {label}
      <input
        class="lv-field lv-step-field"
        type="number"
        value={value}
        onChange={event => {
          const step = event.currentTarget.valueAsNumber;
          if (Number.isFinite(step)) onChange(step);
        }}
      />
    </label>
  );
}

/** What the charts show, of which runs and steps, and how. */
export function ChartControls() {
  const { selection, view } = useApp();
  const { measures, bands, runs, panels, axis, span } = selection.chart.value;
  const names = (view.runs.answer.value?.value.runs ?? []).map(({ name }) => name);
  const options: readonly Drawn[] = [...SHOWN_MEASURES, BANDS];
  const labelOf = (option: Drawn) =>
    option === BANDS ? 'percentiles, as bands' : MEASURE_LABELS[option];
  const chosen: readonly Drawn[] = [...measures, ...(bands ? [BANDS] : [])];
  const steps = view.steps.value;
  const [first, last] = span ?? [steps[0] ?? 0, steps.at(-1) ?? 0];
  return (
    <>
      <MultiChoice
        label="Statistics"
        options={options}
        chosen={chosen}
        summary={summaryOf(chosen.map(labelOf))}
        labelOf={labelOf}
        onChange={next =>
          selection.chooseChart({
            measures: next.filter(name => name !== BANDS),
            bands: next.includes(BANDS),
          })
        }
      />
      <MultiChoice
        label="Runs"
        options={names}
        chosen={runs ?? names}
        summary={runs === null ? 'all that have them' : summaryOf(runs)}
        onChange={next =>
          selection.chooseChart({ runs: next.length === names.length ? null : next })
        }
      />
      <Choice
        label="Charts"
        value={panels}
        options={PANELS}
        labelOf={option => PANEL_LABELS[option]}
        onChange={next => selection.chooseChart({ panels: next })}
      />
      <Choice
        label="Values"
        value={axis}
        options={AXES}
        labelOf={option => AXIS_LABELS[option]}
        onChange={next => selection.chooseChart({ axis: next })}
      />
      <StepField
        label="Steps from"
        value={first}
        onChange={step => selection.chooseChart({ span: [step, Math.max(step, last)] })}
      />
      <StepField
        label="to"
        value={last}
        onChange={step => selection.chooseChart({ span: [Math.min(first, step), step] })}
      />
      {span !== null && (
        <button
          type="button"
          class="lv-button"
          onClick={() => selection.chooseChart({ span: null })}
        >
          All steps
        </button>
      )}
    </>
  );
}
