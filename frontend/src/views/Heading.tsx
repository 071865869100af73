import type { Tensor } from '../contract/messages';
import { cellWords, isDrawable } from '../state/levels';
import { moduleText, pythonLocation, shapeText, tensorLabel, tensorLocation } from '../state/names';
import { useApp } from './appContext';
import { CopyButton } from './CopyButton';
import { PinButton } from './PinButton';
import { SampleBadge } from './SampleBadge';

function namedShape(tensor: Tensor): string {
  return tensor.shape.map((extent, axis) => `${tensor.axes[axis] ?? 'axis'} ${extent}`).join(' x ');
}

/** What is shown: the tensor's place in the model, its class, shape and dtype. */
export function Heading({ tensor }: { tensor: Tensor }) {
  const { view } = useApp();
  const modules = view.shownCatalog.value?.modules ?? [];
  const module = modules.find(({ path }) => path === tensor.module);
  const isSample = tensor.kind === 'sample';
  const place = isSample ? 'Samples' : tensor.module || (module?.class_name ?? 'model');
  const location = tensorLocation(tensor);
  const plan = isDrawable(tensor) ? view.plan.value : null;
  return (
    <header class="lv-heading">
      <div class="lv-heading-words">
        <div class="lv-heading-title">
          <h1>
            <span class="lv-heading-module" title={place}>
              {place}
            </span>
            <span class="lv-muted"> / </span>
            <span>{tensorLabel(tensor)}</span>
          </h1>
          <PinButton tensorKey={tensor.key} />
        </div>
        <div class="lv-heading-facts">
          <span title={namedShape(tensor)}>{shapeText(tensor.shape)}</span>
          <span>{tensor.dtype}</span>
          {plan !== null && plan.level > 0 && !plan.tiled && (
            <span class="lv-heading-level">{cellWords(tensor.shape, plan.level, plan.plane)}</span>
          )}
          {!isSample && module && (
            <code
              class="lv-heading-repr"
              title={`${pythonLocation(module.path)} is ${module.repr}`}
            >
              {moduleText(module)}
            </code>
          )}
          {!isSample && (
            <span class="lv-location">
              <code title={location}>{location}</code>
              <CopyButton text={location} what={`the Python location, ${location}`} />
            </span>
          )}
        </div>
      </div>
      <SampleBadge />
    </header>
  );
}
