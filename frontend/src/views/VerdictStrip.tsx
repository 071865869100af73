import { useMemo } from 'preact/hooks';
import type { StepVerdicts } from '../contract/messages';
import { nearestIndex } from '../state/steps';
import { stripOf } from '../state/strip';

const HEIGHT = 20;
const WIDTH_PX = 200;
/** The width of a step, in CSS pixels, where there are few. */
const MOST_STEP_PX = 6;

interface Props {
  history: readonly StepVerdicts[];
  sample: number;
  /** The step that is shown. */
  step: number | null;
  onStep: (step: number) => void;
}

/** How a sample fared over the steps: low bars are right answers, high ones wrong. */
export function VerdictStrip({ history, sample, step, onStep }: Props) {
  const strip = useMemo(() => stripOf(history, sample), [history, sample]);
  const { bars, steps, words } = strip;
  const [right, wrong] = useMemo(() => {
    const pathOf = (wanted: boolean) =>
      bars
        .flatMap((bar, i) =>
          bar === null || bar.isWrong !== wanted
            ? []
            : [`M${i} ${HEIGHT}h1v${(-bar.height * HEIGHT).toFixed(1)}h-1z`],
        )
        .join('');
    return [pathOf(false), pathOf(true)];
  }, [bars]);
  if (steps.length < 2) return null;
  const shown = step === null ? -1 : nearestIndex(steps, step);
  const width = Math.min(WIDTH_PX, steps.length * MOST_STEP_PX);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the step bar goes to the same steps by the keyboard
    <svg
      class="lv-strip-verdicts"
      style={{ width: `${width}px` }}
      viewBox={`0 0 ${steps.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={words}
      onClick={event => {
        const { left, width: wide } = event.currentTarget.getBoundingClientRect();
        const at = steps[Math.floor(((event.clientX - left) / wide) * steps.length)];
        if (at !== undefined) onStep(at);
      }}
    >
      <title>{`${words}. Low bars are right, high ones wrong; a click goes to the step.`}</title>
      {shown >= 0 && <rect class="lv-strip-step" x={shown} y="0" width="1" height={HEIGHT} />}
      <path class="lv-strip-right" d={right} />
      <path class="lv-strip-wrong" d={wrong} />
    </svg>
  );
}
