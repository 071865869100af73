import type { Figure } from '../state/figure';
import { galleryOrder } from '../state/galleryOrder';
import { useApp } from './appContext';
import { Icon } from './Icon';

/** More options than this take a browser seconds to open, and nobody reads them. */
const MOST_OPTIONS = 2000;

interface Props {
  figure: Figure;
  /** Whether there is a picture of all maps to go back to. */
  canShowAll?: boolean;
}

interface ChoiceProps {
  maps: Figure['maps'];
  shown: number;
  onPick: (index: number) => void;
}

/** A field for the number of a map, where a list of all would be too long. */
function MapNumber({ maps, shown, onPick }: ChoiceProps) {
  const last = maps.length - 1;
  return (
    <>
      <input
        class="lv-field"
        type="number"
        min={0}
        max={last}
        aria-label={`Map, 0 to ${last}`}
        value={shown}
        onChange={event => {
          const { valueAsNumber, validity } = event.currentTarget;
          if (validity.valid && Number.isInteger(valueAsNumber)) onPick(valueAsNumber);
          else event.currentTarget.value = String(shown);
        }}
      />
      <span class="lv-muted">
        of {maps.length.toLocaleString('en')}: {maps[shown]?.title}
      </span>
    </>
  );
}

function MapList({ maps, shown, onPick }: ChoiceProps) {
  return (
    <select
      class="lv-field"
      aria-label="Map"
      value={shown}
      onChange={event => onPick(Number(event.currentTarget.value))}
    >
      {maps.map((map, index) => (
        <option key={map.title} value={index}>
          {map.title}
        </option>
      ))}
    </select>
  );
}

/** Chooses one of many maps, to see it large or in numbers. */
export function MapPicker({ figure, canShowAll = false }: Props) {
  const { selection } = useApp();
  const { maps } = figure;
  if (maps.length < 2) return null;
  const shown = Math.min(selection.map.value ?? 0, maps.length - 1);
  // From one to the next in the order in which the gallery shows them.
  const order = galleryOrder(figure, selection.gallery.value);
  const at = order.indexOf(shown);
  const before = at < 0 ? undefined : order[at - 1];
  const after = at < 0 ? order[0] : order[at + 1];
  const show = (index: number) => {
    selection.map.value = index;
  };
  const Choose = maps.length > MOST_OPTIONS ? MapNumber : MapList;
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
      <Choose maps={maps} shown={shown} onPick={show} />
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
