import type { Figure } from '../state/figure';
import { useApp } from './appContext';
import { Icon } from './Icon';

interface Props {
  figure: Figure;
  /** Whether there is a picture of all maps to go back to. */
  canShowAll?: boolean;
}

/** Chooses one of many maps, to see it large or in numbers. */
export function MapPicker({ figure, canShowAll = false }: Props) {
  const { selection } = useApp();
  const { maps } = figure;
  if (maps.length < 2) return null;
  const shown = Math.min(selection.map.value ?? 0, maps.length - 1);
  const show = (index: number) => {
    selection.map.value = index;
  };
  return (
    <div class="lv-map-picker">
      {canShowAll && (
        <button
          type="button"
          class="lv-button"
          onClick={() => {
            selection.map.value = null;
          }}
        >
          Show all {maps.length}
        </button>
      )}
      <button
        type="button"
        class="lv-button lv-icon-button"
        aria-label="Previous map"
        disabled={shown === 0}
        onClick={() => show(shown - 1)}
      >
        <Icon name="previous" />
      </button>
      <select
        class="lv-field"
        aria-label="Map"
        value={shown}
        onChange={event => show(Number(event.currentTarget.value))}
      >
        {maps.map((map, index) => (
          <option key={map.title} value={index}>
            {map.title}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="lv-button lv-icon-button"
        aria-label="Next map"
        disabled={shown === maps.length - 1}
        onClick={() => show(shown + 1)}
      >
        <Icon name="next" />
      </button>
    </div>
  );
}
