import { useId } from 'preact/hooks';
import { MAX_ANSWER_ELEMENTS } from '../state/levels';
import type { AxisPick } from '../state/plan';
import { SAMPLE_AXIS } from '../state/roles';
import { useApp } from './appContext';
import { DetailPicker } from './DetailPicker';
import { Icon } from './Icon';

interface IndexPickerProps {
  name: string;
  extent: number;
  index: number;
  /** What the index is called, where it is not the index itself. */
  text?: string;
  onPick: (index: number) => void;
}

/** Chooses one index of an axis: by slider, by number, or one further. */
export function IndexPicker({ name, extent, index, text, onPick }: IndexPickerProps) {
  const id = useId();
  const pick = (wanted: number) => {
    if (Number.isInteger(wanted)) onPick(Math.max(0, Math.min(wanted, extent - 1)));
  };
  return (
    <div class="lv-picker">
      <label for={id}>{name}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={Math.max(0, extent - 1)}
        value={index}
        disabled={extent < 2}
        aria-valuetext={text ?? `${name} ${index}`}
        onInput={event => pick(event.currentTarget.valueAsNumber)}
      />
      <input
        class="lv-field"
        type="number"
        min={0}
        max={Math.max(0, extent - 1)}
        value={index}
        disabled={extent < 2}
        aria-label={`${name}, as a number`}
        onInput={event => pick(event.currentTarget.valueAsNumber)}
      />
      <span class="lv-muted">{text ?? `of ${extent}`}</span>
    </div>
  );
}

function SamplePicker({ pick }: { pick: AxisPick }) {
  const { selection, view } = useApp();
  const position = view.shownCatalog.value?.samples[pick.index];
  const together = (view.plan.value?.blocks[pick.axis] ?? 1) > 1 && pick.extent > 1;
  const inBatch = position === undefined ? '' : `, item ${position} of the batch`;
  return (
    <IndexPicker
      name="Sample"
      extent={pick.extent}
      index={pick.index}
      text={`of ${pick.extent}${together ? ', in blocks with others' : inBatch}`}
      onPick={index => {
        selection.sample.value = index;
      }}
    />
  );
}

function WindowPager() {
  const { selection, view } = useApp();
  const plan = view.plan.value;
  if (!plan?.window) return null;
  const { axis, start, stop, within } = plan.window;
  const name = view.tensor.value?.axes[axis] ?? 'Index';
  const move = (by: number) => {
    selection.page.value = Math.max(0, selection.page.value + by);
  };
  return (
    <div
      class="lv-picker"
      title={`One picture holds at most ${MAX_ANSWER_ELEMENTS.toLocaleString('en')} elements`}
    >
      <span>
        {name} {start} to {stop - 1} of {view.tensor.value?.shape[axis]}
      </span>
      <button
        type="button"
        class="lv-button lv-icon-button"
        aria-label="Previous part"
        disabled={start === within[0]}
        onClick={() => move(-1)}
      >
        <Icon name="previous" />
      </button>
      <button
        type="button"
        class="lv-button lv-icon-button"
        aria-label="Next part"
        disabled={stop >= within[1]}
        onClick={() => move(1)}
      >
        <Icon name="next" />
      </button>
    </div>
  );
}

/** Chooses what of the tensor is in the picture: the sample, and the index of each leading axis. */
export function Pickers() {
  const { selection, view } = useApp();
  const picks = view.plan.value?.picks ?? [];
  return (
    <>
      {picks.map(pick =>
        pick.name === SAMPLE_AXIS ? (
          <SamplePicker key={pick.axis} pick={pick} />
        ) : (
          <IndexPicker
            key={pick.axis}
            name={pick.name}
            extent={pick.extent}
            index={pick.index}
            onPick={index => selection.chooseLead(pick.axis, index)}
          />
        ),
      )}
      <DetailPicker />
      <WindowPager />
    </>
  );
}
