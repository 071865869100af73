import type { NdArray } from '../api/npy';
import type { Verdict } from '../state/verdict';
import { answerWords, targetWords } from '../state/verdictWords';
import { PlacesLook, SampleLook } from './SampleLook';

interface Props {
  verdict: Verdict | null;
  target: NdArray | null;
  prediction: NdArray | null;
  labels: readonly string[];
  side: 'target' | 'prediction';
}

/** What was asked for, or what was answered: in words where it is a class, else as it looks. */
export function AnswerLook({ verdict, target, prediction, labels, side }: Props) {
  const array = side === 'target' ? target : prediction;
  const label = side === 'target' ? 'Target' : 'Prediction';
  if (verdict?.task === 'places' && array !== null && target !== null) {
    return <PlacesLook array={array} target={target} label={label} labels={labels} />;
  }
  const words =
    verdict &&
    (side === 'target'
      ? targetWords(verdict, target, labels)
      : answerWords(verdict, prediction, labels));
  if (words) return <span>{words}</span>;
  return array && <SampleLook array={array} label={label} />;
}
