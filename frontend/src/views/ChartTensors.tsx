import type { Kind } from '../contract/messages';
import { chartKeys } from '../state/chartData';
import { GROUP_KINDS, GROUP_LABELS } from '../state/groups';
import { GROUPS } from '../state/healthChoice';
import { useApp } from './appContext';
import { Icon } from './Icon';
import { useKeyText } from './useKeyText';

/** Names that are listed; of more, how many there are is enough. */
const MOST_CHIPS = 24;

/** The tensors of the charts: each can be taken out, and many put in at once. */
export function ChartTensors() {
  const { selection, view, tree } = useApp();
  const textOf = useKeyText();
  const keys = chartKeys(selection, view);
  const tensors = view.shownCatalog.value?.tensors ?? [];
  const inTree = tree.rows.value.flatMap(row => (row.type === 'tensor' ? [row.tensor.key] : []));
  const offered = [
    { name: `what the tree shows (${inTree.length})`, keys: inTree },
    ...GROUPS.map(group => {
      const kinds = new Set<Kind>(GROUP_KINDS[group]);
      const found = tensors.filter(({ kind }) => kinds.has(kind)).map(({ key }) => key);
      return { name: `${GROUP_LABELS[group]} (${found.length})`, keys: found };
    }),
  ];
  return (
    <div class="lv-chart-tensors">
      <span>
        {keys.length} {keys.length === 1 ? 'tensor' : 'tensors'}
      </span>
      <ul aria-label="Tensors of the charts">
        {keys.slice(0, MOST_CHIPS).map(key => (
          <li key={key} class="lv-chip">
            <code>{textOf(key)}</code>
            <button
              type="button"
              class="lv-button lv-icon-button"
              title="Take it out"
              aria-label={`Take ${textOf(key)} out of the charts`}
              onClick={() => selection.toggleChartKey(key, keys)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
        {keys.length > MOST_CHIPS && <li>and {keys.length - MOST_CHIPS} more</li>}
      </ul>
      <label class="lv-picker">
        Add
        <select
          class="lv-field"
          value=""
          onChange={event => {
            const more = offered[Number(event.currentTarget.value)]?.keys ?? [];
            event.currentTarget.value = '';
            selection.chooseChart({ keys: [...new Set([...keys, ...more])] });
          }}
        >
          <option value="">…</option>
          {offered.map(({ name }, i) => (
            <option key={name} value={i}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {selection.chart.value.keys !== null && (
        <button
          type="button"
          class="lv-button"
          onClick={() => selection.chooseChart({ keys: null, off: [] })}
        >
          Only the shown tensor
        </button>
      )}
      <span class="lv-muted">A click in the layer tree puts a tensor in, or takes it out.</span>
    </div>
  );
}
