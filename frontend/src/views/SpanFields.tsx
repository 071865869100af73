import type { StepSpan } from '../state/stepSpan';

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

interface Props {
  span: StepSpan;
  /** All of them, ascending. */
  steps: readonly number[];
  onChange: (span: StepSpan) => void;
}

/** Which steps are looked at, as numbers; all of them again by one press. */
export function SpanFields({ span, steps, onChange }: Props) {
  const [first, last] = span ?? [steps[0] ?? 0, steps.at(-1) ?? 0];
  return (
    <>
      <StepField
        label="Steps from"
        value={first}
        onChange={step => onChange([step, Math.max(step, last)])}
      />
      <StepField
        label="to"
        value={last}
        onChange={step => onChange([Math.min(first, step), step])}
      />
      {span !== null && (
        <button type="button" class="lv-button" onClick={() => onChange(null)}>
          All steps
        </button>
      )}
    </>
  );
}
