import { SPEEDS, type Speed } from '../state/playback';
import { keptWords } from '../state/steps';
import { useApp } from './appContext';
import { Icon, type IconName } from './Icon';
import { StepTrack } from './StepTrack';

interface StepButtonProps {
  icon: IconName;
  name: string;
  disabled: boolean;
  onClick: () => void;
}

function StepButton({ icon, name, disabled, onClick }: StepButtonProps) {
  return (
    <button
      type="button"
      class="lv-button lv-icon-button"
      title={name}
      aria-label={name}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

/** All recorded steps: which one is shown, and moving among them. */
export function StepBar() {
  const { view, playback } = useApp();
  const steps = view.steps.value;
  if (steps.length === 0) return null;
  const index = view.stepIndex.value;
  const last = steps.length - 1;
  const kept = view.shownCatalog.value?.kept ?? null;
  const playing = playback.playing.value;
  return (
    <section class="lv-steps" aria-label="Steps">
      <div class="lv-step-buttons">
        <StepButton
          icon="previous"
          name="Previous recorded step (left arrow)"
          disabled={index === 0}
          onClick={() => playback.move(-1)}
        />
        <StepButton
          icon={playing ? 'pause' : 'play'}
          name={playing ? 'Pause (space)' : 'Play over the steps (space)'}
          disabled={last === 0}
          onClick={() => playback.toggle()}
        />
        <StepButton
          icon="next"
          name="Next recorded step (right arrow)"
          disabled={index === last}
          onClick={() => playback.move(1)}
        />
        <select
          class="lv-field lv-speed"
          aria-label="Speed of playing, in steps a second"
          title="Speed of playing"
          value={playback.speed.value}
          onChange={event => {
            const chosen = SPEEDS.find(speed => speed === Number(event.currentTarget.value));
            if (chosen !== undefined) playback.speed.value = chosen satisfies Speed;
          }}
        >
          {SPEEDS.map(speed => (
            <option key={speed} value={speed}>
              {speed}/s
            </option>
          ))}
        </select>
      </div>
      <StepTrack />
      <output class="lv-step-number" aria-live="off">
        <span>
          step <strong>{view.step.value}</strong>
        </span>
        <span class="lv-muted" title={kept === null ? undefined : keptWords(kept)}>
          {index + 1} of {steps.length}
          {kept !== null && ` kept, ${kept.recorded} recorded`}
        </span>
      </output>
      <button
        type="button"
        class="lv-button"
        title="Show each new step as it is recorded (F)"
        aria-pressed={view.following.value}
        onClick={() => playback.follow(!view.following.value)}
      >
        Follow
      </button>
    </section>
  );
}
