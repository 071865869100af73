import { type Label, labelOf } from '../state/sampleCard';
import { named } from '../state/samples';
import { useApp } from './appContext';
import { Thumbnail } from './Thumbnail';

const PERCENT = 100;

export function labelWords(label: Label): string {
  const { text, score } = label;
  return score !== null && score >= 0 && score <= 1
    ? `${text} (${(score * PERCENT).toFixed(0)} %)`
    : text;
}

function Verdict({ target, prediction }: { target: Label; prediction: Label }) {
  if (target.classIndex === null || prediction.classIndex === null) return null;
  const right = target.classIndex === prediction.classIndex;
  return (
    <span class={right ? 'lv-verdict' : 'lv-verdict lv-verdict-wrong'}>
      {right ? 'right' : 'wrong'}
    </span>
  );
}

/** The sample that is looked at: its input small, its target, and what the model made of it. */
export function SampleBadge() {
  const { sample, view } = useApp();
  const card = sample.answer.value?.value;
  const labels = view.shownCatalog.value?.labels ?? [];
  if (!card) return null;
  const target = named(card.target && labelOf(card.target), labels);
  const prediction = named(card.prediction && labelOf(card.prediction), labels);
  if (!card.input && !target && !prediction) return null;
  return (
    <div class="lv-sample">
      {card.input && <Thumbnail input={card.input} />}
      <dl>
        {target && (
          <div>
            <dt>target</dt>
            <dd>{labelWords(target)}</dd>
          </div>
        )}
        {prediction && (
          <div>
            <dt>prediction</dt>
            <dd>
              {labelWords(prediction)}
              {target && <Verdict target={target} prediction={prediction} />}
            </dd>
          </div>
        )}
      </dl>
    </div>
  );
}
