import { useMemo } from 'preact/hooks';
import { counted } from '../scale/format';
import { isWithin, type StepSpan, shareOfSteps, spanOver } from '../state/stepSpan';
import { useApp } from './appContext';
import { Icon } from './Icon';
import { LineChart } from './LineChart';

/** The value of the chosen element over all steps: a click on a cell opens it. */
export function ElementCourse() {
  const { course, selection, view } = useApp();
  const index = selection.element.value;
  const answer = course.answer.value;
  const error = course.error.value;
  const key = view.tensor.value?.key;
  const found =
    answer !== null && answer.request.key === key && answer.request.index === index
      ? answer.value
      : null;
  const series = useMemo(
    () => [
      { label: 'value', values: found?.values ?? new Float64Array(0), color: '--lv-series-1' },
    ],
    [found],
  );
  if (index === null || key === undefined) return null;
  const bad = found?.values.filter(value => !Number.isFinite(value)).length ?? 0;
  const { span } = selection.statistics.value;
  const onZoom = (next: StepSpan) =>
    selection.chooseStatistics({ span: spanOver(next, view.steps.value) });
  const hasSteps = view.steps.value.some(step => isWithin(step, span));
  const share = found === null ? '' : shareOfSteps(found.steps.length, found.available);
  const title = `${key}[${index.replaceAll(',', ', ')}] over the steps`;
  return (
    <section class="lv-course" aria-label={title}>
      <button
        type="button"
        class="lv-button lv-icon-button lv-course-close"
        aria-label="Close the chart of the element"
        title="Close (Esc)"
        onClick={() => {
          selection.element.value = null;
        }}
      >
        <Icon name="close" />
      </button>
      {error !== null && (
        <p role="alert">
          {title}: {error.message}
        </p>
      )}
      {error === null && found === null && hasSteps && <p class="lv-muted">{title}: loading…</p>}
      {!hasSteps && (
        <p class="lv-muted">
          {title}: no step was recorded between {span?.join(' and ')}.
        </p>
      )}
      {error === null && found !== null && found.steps.length === 0 && (
        <p class="lv-muted">
          {title}: its elements were not kept at any step
          {span === null ? '' : ' of those that are looked at'}.
        </p>
      )}
      {error === null && found !== null && found.steps.length > 0 && (
        <>
          <LineChart
            title={title}
            series={series}
            steps={found.steps}
            step={view.step.value}
            span={span}
            onZoom={onZoom}
            onPick={step => {
              selection.step.value = step;
            }}
          />
          {bad > 0 && (
            <p class="lv-muted">
              Not finite, and so not in the line, at {bad} of {counted(found.steps.length, 'step')}.
            </p>
          )}
        </>
      )}
      {(share !== '' || span !== null) && (
        <p class="lv-muted lv-course-span">
          {share}
          {span !== null && (
            <button type="button" class="lv-link" onClick={() => onZoom(null)}>
              All steps
            </button>
          )}
        </p>
      )}
    </section>
  );
}
