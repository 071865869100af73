import { formatShort } from '../scale/format';
import { LOOKS, type Look } from '../scale/looks';
import type { LookCounts, Scale } from '../scale/types';
import { Swatch } from './Swatch';

function lookLabel(look: Look, scale: Scale): string {
  if (look.name === 'below') {
    return Number.isNaN(scale.lo) ? 'not above 0' : `below ${formatShort(scale.lo)}`;
  }
  if (look.name === 'above') return `above ${formatShort(scale.hi)}`;
  return look.label;
}

/** The looks that occur, each with how often. */
export function Looks({ scale, counts }: { scale: Scale; counts: LookCounts }) {
  const occurring = LOOKS.filter(look => counts[look.name] > 0);
  return (
    <ul class="lv-looks" aria-label="Special values">
      {occurring.map(look => (
        <li key={look.name} data-look={look.name}>
          <Swatch look={look} />
          {lookLabel(look, scale)}: {counts[look.name].toLocaleString('en')}
        </li>
      ))}
    </ul>
  );
}
