import type { Figure } from '../state/figure';
import { areKnown, galleryOrder } from '../state/galleryOrder';
import { useApp } from './appContext';
import { Icon } from './Icon';
import { MapChoice } from './MapChoice';

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
  // From one to the next in the order in which the gallery shows them, once that is known.
  const isOrdered = figure.partial === null && areKnown(figure);
  const order = isOrdered
    ? galleryOrder(figure, selection.gallery.value)
    : maps.map((_, place) => place);
  const at = order.indexOf(shown);
  const before = at < 0 ? undefined : order[at - 1];
  const after = at < 0 ? order[0] : order[at + 1];
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
        disabled={before === undefined}
        onClick={() => before !== undefined && show(before)}
      >
        <Icon name="previous" />
      </button>
      <MapChoice label="Map" maps={maps} shown={shown} onPick={show} />
      <button
        type="button"
        class="lv-button lv-icon-button"
        aria-label="Next map"
        disabled={after === undefined}
        onClick={() => after !== undefined && show(after)}
      >
        <Icon name="next" />
      </button>
    </div>
  );
}
