import { probeOf, trainingOf } from '../state/samples';
import { useApp } from './appContext';
import { Segments } from './Segments';

/** Whose samples are shown: those of the training's own batch, or the same ones at every step. */
export function SampleSource() {
  const { view, selection, probeSummary } = useApp();
  const run = view.run.value;
  const runs = view.runs.answer.value?.value.runs.map(({ name }) => name) ?? [];
  if (run === null) return null;
  const [training, probe] = [trainingOf(run), probeOf(run, runs)];
  if (probe === null || !runs.includes(training) || !runs.includes(probe)) return null;
  // What is not known, or could not be asked for, is no reason to go there.
  const wrong = probeSummary.answer.value?.value.wrong ?? 0;
  const probeWords = `The probe: the same samples at every step${wrong > 0 ? `, ${wrong} wrong` : ''}`;
  return (
    <Segments
      label="Whose samples"
      options={[training, probe]}
      value={run}
      labelOf={name => (name === training ? 'The batch of this step' : probeWords)}
      onChange={name => {
        if (name === run) return;
        selection.beside.value = null;
        selection.sample.value = 0;
        selection.chooseRun(name);
      }}
    />
  );
}
