import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { useApp } from './appContext';
import { indexAt, labelledSteps, markPath, placeOf, TRACK_HEIGHT_PX } from './stepMarks';
import { useWidth } from './useWidth';

const NO_STEPS: ReadonlySet<number> = new Set();
const PAGE_STEPS = 10;

/** Half of the widest words above the track, in CSS pixels: they stay within it. */
const TIP_HALF_PX = 110;

function tipPlace(x: number, width: number): number {
  return Math.max(TIP_HALF_PX, Math.min(x, width - TIP_HALF_PX));
}

/** What a key does on the track: the index of the step to show. */
function keyTarget(key: string, index: number, last: number): number | null {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return index - 1;
    case 'ArrowRight':
    case 'ArrowUp':
      return index + 1;
    case 'PageDown':
      return index - PAGE_STEPS;
    case 'PageUp':
      return index + PAGE_STEPS;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/** The recorded steps side by side, a mark each; those with NaN or Inf in red. Click, drag, or keys. */
export function StepTrack() {
  const { view, playback, summary } = useApp();
  const [track, width] = useWidth();
  const hovered = useSignal<number | null>(null);

  const steps = view.steps.value;
  const last = steps.length - 1;
  const index = view.stepIndex.value;
  const badHere = summary.badStepsHere.value;
  const badElsewhere = summary.health.value?.badSteps ?? NO_STEPS;
  const marks = useMemo(
    () => ({
      all: markPath(steps, width, 'all'),
      elsewhere: markPath(steps, width, 'short', badElsewhere),
      here: markPath(steps, width, 'long', badHere),
    }),
    [steps, width, badElsewhere, badHere],
  );

  const toIndex = (event: PointerEvent) => {
    const left = track.current?.getBoundingClientRect().left ?? 0;
    return indexAt(event.clientX - left, steps.length, width);
  };
  const words = (at: number) => {
    const step = steps[at] ?? 0;
    const bad = badHere.has(step)
      ? ', NaN or Inf in this tensor'
      : badElsewhere.has(step)
        ? ', NaN or Inf in another tensor'
        : '';
    return `step ${step}, ${at + 1} of ${steps.length}${bad}`;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const target = keyTarget(event.key, index, last);
    if (target === null) return;
    event.preventDefault();
    playback.goTo(target);
  };
  const at = hovered.value;
  return (
    <div
      ref={track}
      class="lv-track"
      role="slider"
      tabIndex={0}
      aria-label="Recorded steps"
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={index}
      aria-valuetext={words(index)}
      onKeyDown={onKeyDown}
      onPointerDown={event => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        playback.goTo(toIndex(event));
      }}
      onPointerMove={event => {
        const under = toIndex(event);
        hovered.value = under;
        const dragging = event.currentTarget.hasPointerCapture(event.pointerId);
        if (dragging && under !== index) playback.goTo(under);
      }}
      onPointerLeave={() => {
        hovered.value = null;
      }}
    >
      <svg width={width} height={TRACK_HEIGHT_PX} aria-hidden="true">
        <path class="lv-marks" d={marks.all} />
        <path class="lv-marks-bad" d={marks.elsewhere} />
        <path class="lv-marks-bad" d={marks.here} />
        {labelledSteps(steps, width).map(label => (
          <text key={label.index} x={label.x} y={TRACK_HEIGHT_PX - 2} text-anchor={label.anchor}>
            {label.text}
          </text>
        ))}
        {at !== null && (
          <path class="lv-hovered-step" d={`M${placeOf(at, steps.length, width)} 2V24`} />
        )}
        <path
          class="lv-shown-step"
          d={`M${placeOf(index, steps.length, width)} 24V7l-4.5-5h9l-4.5 5`}
        />
      </svg>
      {at !== null && (
        <div
          class="lv-step-tip"
          style={{ left: `${tipPlace(placeOf(at, steps.length, width), width)}px` }}
        >
          {words(at)}
        </div>
      )}
    </div>
  );
}
