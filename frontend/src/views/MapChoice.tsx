import type { Figure } from '../state/figure';

/** More options than this take a browser seconds to open, and nobody reads them. */
const MOST_OPTIONS = 2000;

interface Props {
  label: string;
  maps: Figure['maps'];
  shown: number;
  onPick: (index: number) => void;
}

/** A field for the number of a map, where a list of all would be too long. */
function MapNumber({ label, maps, shown, onPick }: Props) {
  const last = maps.length - 1;
  return (
    <>
      <input
        class="lv-field"
        type="number"
        min={0}
        max={last}
        aria-label={`${label}, 0 to ${last}`}
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

function MapList({ label, maps, shown, onPick }: Props) {
  return (
    <select
      class="lv-field"
      aria-label={label}
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

/** Chooses one of some maps: from a list, or of very many by its number. */
export function MapChoice(props: Props) {
  return props.maps.length > MOST_OPTIONS ? <MapNumber {...props} /> : <MapList {...props} />;
}
