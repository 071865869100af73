import { verdictWords } from '../state/verdictWords';
import { AnswerLook } from './AnswerLook';
import { useApp } from './appContext';
import { SampleLook } from './SampleLook';

/** The sample that is looked at: its input small, its target, and what the model made of it. */
export function SampleBadge() {
  const { sample, view } = useApp();
  const card = sample.answer.value?.value;
  const labels = view.shownCatalog.value?.labels ?? [];
  if (!card || (!card.input && !card.target && !card.prediction)) return null;
  const { input, target, prediction, verdict } = card;
  const words = verdict && verdictWords(verdict);
  const answer = { verdict, target, prediction, labels };
  return (
    <div class="lv-sample">
      {input && <SampleLook array={input} label="Input of this sample" />}
      <dl>
        {target && (
          <div>
            <dt>target</dt>
            <dd>
              <AnswerLook {...answer} side="target" />
            </dd>
          </div>
        )}
        {prediction && (
          <div>
            <dt>prediction</dt>
            <dd>
              <AnswerLook {...answer} side="prediction" />
              {words && (
                <span
                  class={verdict.isRight === false ? 'lv-verdict lv-verdict-wrong' : 'lv-verdict'}
                >
                  {words}
                </span>
              )}
            </dd>
          </div>
        )}
      </dl>
    </div>
  );
}
