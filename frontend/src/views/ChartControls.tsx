import { AXES, PANELS } from '../state/chartChoice';
import { MEASURE_LABELS, SHOWN_MEASURES, type ShownMeasure } from '../state/measures';
import { useApp } from './appContext';
import { Choice } from './Choice';
import { MultiChoice } from './MultiChoice';
import { SpanFields } from './SpanFields';

const BANDS = 'percentiles' as const;
type Drawn = ShownMeasure | typeof BANDS;
const PANEL_LABELS = { each: 'one for each statistic', one: 'one for all' };
const AXIS_LABELS = { linear: 'linear', log: 'logarithmic' };

function summaryOf(names: readonly string[]): string {
  const [first = 'none'] = names;
  return names.length <= 1 ? first : `${first} and ${names.length - 1} more`;
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
      <SpanFields
        span={span}
        steps={view.steps.value}
        onChange={next => selection.chooseChart({ span: next })}
      />
    </>
  );
}
