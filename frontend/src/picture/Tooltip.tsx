import type { Readout } from './readout';

/** Room that a tooltip is taken to need; nearer to an edge of the window it turns around. */
const ROOM_X = 300;
const ROOM_Y = 90;
/** Distance from the pointer, in CSS pixels, so that it covers no neighbouring cell. */
const DISTANCE = 14;

interface Props {
  readout: Readout;
  /** Where it points to, in CSS pixels of the window. */
  x: number;
  y: number;
}

/** The exact value and the place of an element, beside the pointer. */
export function Tooltip({ readout, x, y }: Props) {
  const left = x > window.innerWidth - ROOM_X && x > ROOM_X;
  const above = y > window.innerHeight - ROOM_Y && y > ROOM_Y;
  const shift = `translate(${left ? '-100%' : '0'}, ${above ? '-100%' : '0'})`;
  return (
    <div
      class="lv-tooltip"
      role="tooltip"
      style={{
        left: `${x + (left ? -DISTANCE : DISTANCE)}px`,
        top: `${y + (above ? -DISTANCE : DISTANCE)}px`,
        transform: shift,
      }}
    >
      <strong>{readout.valueText}</strong>
      <span>{readout.where}</span>
    </div>
  );
}
