import type { ChartLine } from '../state/chartLines';

/** Colours that can be told apart; `charts.css` says which they are. */
const COLORS = 8;
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 4, 2, 4]];

export interface LineLook {
  /** The name of a colour of the theme. */
  readonly color: string;
  /** Lengths of strokes and gaps; empty is a whole line. */
  readonly dash: readonly number[];
}

/**
 * How lines are told apart: tensors by colour and runs by strokes; of one tensor, runs by colour.
 * Where there are more than colours, strokes tell the rest apart. With `byMeasure`, statistics
 * that share a chart have colours of their own.
 */
export function lineLooks(
  lines: readonly Pick<ChartLine, 'run' | 'key' | 'measure'>[],
  byMeasure: boolean,
): LineLook[] {
  const placeIn = (names: readonly string[]) => {
    const places = new Map([...new Set(names)].map((name, place) => [name, place]));
    return { size: places.size, of: (name: string) => places.get(name) ?? 0 };
  };
  const runs = placeIn(lines.map(({ run }) => run));
  const subject = ({ key, measure }: Pick<ChartLine, 'key' | 'measure'>) =>
    byMeasure ? `${measure}\n${key}` : key;
  const subjects = placeIn(lines.map(subject));
  return lines.map(line => {
    const [run, place] = [runs.of(line.run), subjects.of(subject(line))];
    const number = subjects.size > 1 ? place : run;
    const strokes = Math.floor(number / COLORS) + (subjects.size > 1 ? run : 0);
    return {
      color: `--lv-series-${(number % COLORS) + 1}`,
      dash: DASHES[strokes % DASHES.length] ?? [],
    };
  });
}
