import type { Parting } from '../contract/messages';
import { counted, formatShort } from '../scale/format';
import { useKeyText } from './useKeyText';

const MEASURE =
  'norm(a - b) / sqrt(norm(a)² + norm(b)²): 0 of equals, 1 of what has nothing in common';
/** The greatest distance: of what is opposite. */
const FARTHEST = Math.SQRT2;
const PERCENT = 100;

function width(distance: number): string {
  return `${Math.min(PERCENT, (PERCENT * distance) / FARTHEST).toFixed(1)}%`;
}

/** How far two samples part in a layer, with a mark where two of the kept samples usually do. */
export function DistanceBar({ parting }: { parting: Parting }) {
  const { distance, usual, skipped } = parting;
  const usually = usual === null ? '' : `; two of these samples usually ${formatShort(usual)}`;
  const left =
    skipped === 0
      ? ''
      : `; ${counted(skipped, 'element')} that ${skipped === 1 ? 'is' : 'are'} not finite left out`;
  return (
    <span class="lv-distance" title={`${MEASURE}${usually}${left}`}>
      <span class="lv-distance-bar" aria-hidden="true">
        <span style={{ width: width(distance) }} />
        {usual !== null && <i style={{ left: width(usual) }} />}
      </span>
      apart by {formatShort(distance)}
    </span>
  );
}

interface Props {
  /** In the order in which they are listed; null while they are not known. */
  partings: readonly Parting[] | null;
  names: readonly [string, string];
  failure: string | null;
  onOpen: (key: string) => void;
}

/** In a sentence: where they part, and where they do so more than others. */
function Summary({ partings, names }: { partings: readonly Parting[]; names: Props['names'] }) {
  const textOf = useKeyText();
  const [farthest] = [...partings].sort((a, b) => b.distance - a.distance);
  if (farthest === undefined) return null;
  const turns = [...partings].sort((a, b) => a.turn - b.turn);
  const beyond = turns.find(({ distance, usual }) => usual !== null && distance > usual);
  return (
    <p>
      {names[0]} and {names[1]} part most in <strong>{textOf(farthest.key)}</strong>, by{' '}
      {formatShort(farthest.distance)}
      {farthest.usual !== null &&
        `, where two of these samples are usually ${formatShort(farthest.usual)} apart`}
      .{' '}
      {beyond === undefined
        ? farthest.usual !== null && 'No layer tells them apart more than it does others.'
        : `From ${textOf(beyond.key)} on, a layer tells them apart more than it does others.`}
    </p>
  );
}

/** Layers by how far two samples part in them, each a click away from the comparison. */
export function Partings({ partings, names, failure, onOpen }: Props) {
  const textOf = useKeyText();
  if (failure !== null) return <p role="alert">{failure}</p>;
  if (partings === null) return <p class="lv-muted">Comparing the two in every layer…</p>;
  if (partings.length === 0) {
    return <p class="lv-muted">At this step the output of no layer was kept of both.</p>;
  }
  return (
    <>
      <Summary partings={partings} names={names} />
      <div class="lv-partings">
        <table>
          <caption class="lv-hidden">How far they part in each layer</caption>
          <tbody>
            {partings.map(parting => (
              <tr key={parting.key}>
                <th scope="row">
                  <button
                    type="button"
                    class="lv-link"
                    title="Compare the two in this layer"
                    onClick={() => onOpen(parting.key)}
                  >
                    {textOf(parting.key)}
                  </button>
                </th>
                <td>
                  <DistanceBar parting={parting} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="lv-muted lv-partings-note">
        {MEASURE}; | is what two of the kept samples usually are apart in this layer.
      </p>
    </>
  );
}
