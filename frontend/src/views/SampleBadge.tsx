import { AnswerList } from './AnswerList';
import { useApp } from './appContext';
import { SampleLook } from './SampleLook';

/** The sample that is looked at: its input small, its target, and what the model made of it. */
export function SampleBadge() {
  const { sample } = useApp();
  const card = sample.answer.value?.value;
  if (!card || (!card.input && !card.target && !card.prediction)) return null;
  return (
    <div class="lv-sample">
      {card.input && <SampleLook array={card.input} label="Input of this sample" />}
      <AnswerList {...card} />
    </div>
  );
}
