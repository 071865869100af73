import { batch } from '@preact/signals';
import type { Other } from '../state/other';
import { SAMPLE_AXIS } from '../state/roles';
import { useApp } from './appContext';
import { Choice } from './Choice';
import { IndexPicker } from './Pickers';

/** Chooses what the shown picture is compared with. */
export function CompareControls() {
  const { comparison, selection, view } = useApp();
  const { other } = selection;
  const change = (part: Other) => {
    // What was only proposed stays when something else is chosen.
    const step = comparison.step.value;
    other.value = { ...(step === null ? {} : { step }), ...other.value, ...part };
  };
  const runs = (view.runs.answer.value?.value.runs ?? []).map(run => run.name);
  const keys = comparison.candidates.value.map(tensor => tensor.key);
  const pick = view.plan.value?.picks.find(({ name }) => name === SAMPLE_AXIS);
  const swap = () => {
    const [run, key, step] = [
      comparison.run.value,
      comparison.tensor.value?.key,
      comparison.step.value,
    ];
    const before: Other = {
      ...(view.run.value === null ? {} : { run: view.run.value }),
      ...(view.tensor.value === null ? {} : { key: view.tensor.value.key }),
      ...(view.step.value === null ? {} : { step: view.step.value }),
      sample: selection.sample.value,
    };
    if (run === null || key === undefined || step === null) return;
    const sample = comparison.sample.value;
    batch(() => {
      const { map } = selection;
      const shownMap = map.value;
      selection.chooseRun(run);
      selection.goTo(key, step);
      selection.sample.value = sample;
      map.value = shownMap;
      other.value = before;
    });
  };
  return (
    <div class="lv-compare-controls">
      <span>Compare with</span>
      {runs.length > 1 && (
        <Choice
          label="run"
          value={comparison.run.value}
          options={runs}
          onChange={run => change({ run })}
        />
      )}
      {keys.length > 1 && (
        <Choice
          label="tensor"
          value={comparison.tensor.value?.key ?? null}
          options={keys}
          onChange={key => change({ key })}
        />
      )}
      <Choice
        label="step"
        value={comparison.step.value}
        options={comparison.steps.value}
        onChange={step => change({ step })}
      />
      {pick && (
        <IndexPicker
          name="Sample of B"
          extent={pick.extent}
          index={Math.min(comparison.sample.value, pick.extent - 1)}
          onPick={sample => change({ sample })}
        />
      )}
      <button type="button" class="lv-button" onClick={swap}>
        Swap A and B
      </button>
    </div>
  );
}
