import { useMemo } from 'preact/hooks';
import type { NdArray } from '../api/npy';
import { formatShort } from '../scale/format';
import { lookOf, placesOf } from '../state/sampleLook';
import { className } from '../state/verdictWords';
import { classImage } from './classColors';
import { sampleImage } from './sampleImage';
import { Thumbnail } from './Thumbnail';

/** Of a long text, what is read at a glance. */
const MOST_TOKENS = 24;
const MOST_TITLE_TOKENS = 400;

const WIDTH = 96;
const HEIGHT = 36;

/** Lines in one box, each the least and the greatest value of what falls on a pixel. */
function Lines({ lines, label }: { lines: readonly Float64Array[]; label: string }) {
  const { paths, low, high } = useMemo(() => {
    const finite = lines.flatMap(line => {
      let [least, greatest] = [Infinity, -Infinity];
      for (const value of line) {
        if (!Number.isFinite(value)) continue;
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
      return [least, greatest];
    });
    const [low, high] = [Math.min(...finite), Math.max(...finite)];
    const y = (value: number) =>
      (HEIGHT - 1 - ((value - low) / (high - low || 1)) * (HEIGHT - 2)).toFixed(1);
    const paths = lines.map(line => {
      const columns = Math.min(line.length, WIDTH);
      const points = Array.from({ length: columns }, (_, column) => {
        const part = line
          .subarray(
            Math.floor((column * line.length) / columns),
            Math.ceil(((column + 1) * line.length) / columns),
          )
          .filter(Number.isFinite);
        const x = ((column / Math.max(1, columns - 1)) * (WIDTH - 1)).toFixed(1);
        return part.length === 0
          ? ''
          : `L${x} ${y(Math.min(...part))}L${x} ${y(Math.max(...part))}`;
      });
      return points.join('').replace(/^L/, 'M');
    });
    return { paths, low, high };
  }, [lines]);
  const words = `${label}: ${lines.length === 1 ? 'a signal' : `${lines.length} signals`} of ${lines[0]?.length ?? 0} values, ${formatShort(low)} to ${formatShort(high)}`;
  return (
    <svg class="lv-signal" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
      <title>{words}</title>
      {paths.map((path, i) => (
        <path key={i} d={path} />
      ))}
    </svg>
  );
}

function Tokens({ ids, label }: { ids: readonly string[]; label: string }) {
  const shown = ids.slice(0, MOST_TOKENS).join(' ');
  return (
    <span class="lv-tokens" title={`${label}: ${ids.slice(0, MOST_TITLE_TOKENS).join(' ')}`}>
      {shown}
      {ids.length > MOST_TOKENS && ` … ${ids.length} in all`}
    </span>
  );
}

interface Props {
  array: NdArray;
  /** What it is: `Input of item 3`. */
  label: string;
}

/** One sample as a person would look at it: picture, signal, tokens, text or numbers. */
export function SampleLook({ array, label }: Props) {
  const look = useMemo(() => lookOf(array), [array]);
  const image = useMemo(() => (look?.kind === 'picture' ? sampleImage(look.image) : null), [look]);
  switch (look?.kind) {
    case 'picture':
      return (
        image && (
          <Thumbnail
            image={image}
            label={label}
            title={`${label}, from its least value (black) to its greatest (white). ${look.note}`.trim()}
          />
        )
      );
    case 'lines':
      return <Lines lines={look.lines} label={label} />;
    case 'tokens':
      return <Tokens ids={look.ids} label={label} />;
    case 'text':
      return (
        <span class="lv-text" title={look.text}>
          {look.text}
        </span>
      );
    case 'numbers':
      return <span>{look.words}</span>;
    default:
      return null;
  }
}

/** Classes of places as a map of colours, or of tokens by their names. */
export function PlacesLook({
  array,
  target,
  label,
  labels,
}: Props & { target: NdArray; labels: readonly string[] }) {
  const places = useMemo(() => placesOf(array, target), [array, target]);
  const image = useMemo(() => classImage(places), [places]);
  if (image !== null) {
    return <Thumbnail image={image} label={label} title={`${label}: a colour for each class`} />;
  }
  const names = Array.from<number | bigint, string>(places.values, value =>
    className(Number(value), labels),
  );
  return <Tokens ids={names} label={label} />;
}
