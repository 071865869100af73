import { useEffect, useRef } from 'preact/hooks';
import type { NdArray } from '../api/npy';
import { type Label, labelOf } from '../state/sampleCard';
import { useApp } from './appContext';
import { sampleImage } from './sampleImage';

function Thumbnail({ input }: { input: NdArray }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const image = sampleImage(input);
  useEffect(() => {
    const target = canvas.current;
    if (target === null || image === null) return;
    target.width = image.width;
    target.height = image.height;
    const context = target.getContext('2d');
    const pixels = new ImageData(image.width, image.height);
    pixels.data.set(image.rgba);
    context?.putImageData(pixels, 0, 0);
  }, [image]);
  if (image === null) return null;
  return (
    <canvas
      ref={canvas}
      class="lv-thumbnail"
      role="img"
      aria-label="Input of this sample"
      title="Input of this sample, from its least value (black) to its greatest (white)"
    />
  );
}

const PERCENT = 100;

function words(label: Label): string {
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
  const card = useApp().sample.answer.value?.value;
  if (!card) return null;
  const target = card.target && labelOf(card.target);
  const prediction = card.prediction && labelOf(card.prediction);
  if (!card.input && !target && !prediction) return null;
  return (
    <div class="lv-sample">
      {card.input && <Thumbnail input={card.input} />}
      <dl>
        {target && (
          <div>
            <dt>target</dt>
            <dd>{words(target)}</dd>
          </div>
        )}
        {prediction && (
          <div>
            <dt>prediction</dt>
            <dd>
              {words(prediction)}
              {target && <Verdict target={target} prediction={prediction} />}
            </dd>
          </div>
        )}
      </dl>
    </div>
  );
}
