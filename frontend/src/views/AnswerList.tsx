import type { ComponentChildren } from 'preact';
import type { NdArray } from '../api/npy';
import type { Verdict } from '../state/verdict';
import { verdictWords } from '../state/verdictWords';
import { AnswerLook } from './AnswerLook';
import { useApp } from './appContext';

interface Props {
  verdict: Verdict | null;
  target: NdArray | null;
  prediction: NdArray | null;
  /** What else is told of the sample. */
  children?: ComponentChildren;
}

/** What was asked of one sample and what was answered, with whether that was right. */
export function AnswerList({ verdict, target, prediction, children }: Props) {
  const { view } = useApp();
  const labels = view.shownCatalog.value?.labels ?? [];
  const words = verdict && verdictWords(verdict);
  const answer = { verdict, target, prediction, labels };
  return (
    <dl class="lv-answers">
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
      {children}
    </dl>
  );
}
