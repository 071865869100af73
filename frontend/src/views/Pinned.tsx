import { tensorLabel } from '../state/names';
import { useApp } from './appContext';
import { PinButton } from './PinButton';
import { Sparkline } from './Sparkline';
import { useKeyText } from './useKeyText';

function Line({ values }: { values: Float64Array | undefined }) {
  return values !== undefined && values.length > 1 ? <Sparkline values={values} /> : null;
}

/** The tensors that one comes back to, above all others. */
export function Pinned() {
  const { pinned, selection, view, summary, ahead } = useApp();
  const textOf = useKeyText();
  const lines = summary.sparklines.lines.value;
  if (pinned.value.length === 0) return null;
  return (
    <ul class="lv-pinned" aria-label="Pinned tensors">
      {pinned.value.map(tensor => {
        const isShown = selection.place.value === 'layer' && view.tensor.value?.key === tensor.key;
        const name = textOf(tensor.key);
        return (
          <li key={tensor.key} class={isShown ? 'lv-row lv-row-selected' : 'lv-row'}>
            <PinButton tensorKey={tensor.key} />
            <button
              type="button"
              class="lv-row-button"
              aria-current={isShown}
              title={tensor.key}
              onPointerEnter={() => ahead.point(tensor)}
              onPointerDown={() => ahead.point(tensor, true)}
              onPointerLeave={() => ahead.point(null)}
              onClick={() => selection.chooseKey(tensor.key)}
            >
              <span class="lv-row-text lv-row-name">{name.slice(0, name.indexOf('/'))}</span>
              <span class={`lv-row-text lv-kind-${tensor.kind}`}>{tensorLabel(tensor)}</span>
              <Line values={lines.get(tensor.key)} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
