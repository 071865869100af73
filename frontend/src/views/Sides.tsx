import { signal, useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { Hover, Region } from '../picture';
import { combined, type Operation } from '../scale/compare';
import type { Pair } from '../scale/difference';
import { formatShort, formatValue } from '../scale/format';
import { countLooks } from '../scale/scale';
import { sideName } from '../state/compare';
import { OPERATION_LABELS } from '../state/compareTiles';
import { type Figure, figureOf, mapCellOf } from '../state/figure';
import { scaleOfFigures, scaleOfThird } from '../state/figureScale';
import { tensorIndex } from '../state/plan';
import { scaleGroup } from '../state/scales';
import { knownRange } from '../state/sharedRange';
import { reportOf } from '../state/wholeDifference';
import { useApp } from './appContext';
import { CompareLegends, CompareReadout } from './CompareLegends';
import { CompareList } from './CompareList';
import { Drawing } from './Drawing';
import { indexOf } from './HeatPane';
import { MapPicker } from './MapPicker';
import { ScatterPlot } from './Scatter';
import { usePaneHeight } from './usePaneRoom';

/** A picture takes this share of the pane's height: numbers stand below. */
export const PICTURE_SHARE = 0.62;
/** Rows and columns around a place that one is led to. */
const AROUND = 8;

/** The rows, or columns, around one of so many. */
export function around(at: number, extent: number): readonly [number, number] {
  const from = Math.max(0, Math.min(at - AROUND, extent - 2 * AROUND));
  return [from, Math.min(extent, from + 2 * AROUND)];
}

/** The figure of what two arrays make, laid out as the first. */
function combinedFigure(a: Figure, b: Figure, operation: Operation): Figure {
  const values = combined(a.array.values, b.array.values, operation);
  const { shape, strides, dtype } = a.array;
  return figureOf(a.request, { values, shape, strides, dtype });
}

function matricesOf(figure: Figure) {
  return figure.maps.map(map => map.matrix);
}

/** The value at a place of the drawn axes. */
function elementAt({ array }: Figure, place: readonly number[]): number | bigint {
  const at = place.reduce((sum, index, axis) => sum + index * (array.strides[axis] ?? 0), 0);
  return array.values[at] ?? Number.NaN;
}

/** The index of an element of an array whose axes may stand in any order. */
function placeOf({ array: { shape, strides } }: Figure, address: number): number[] {
  const place = shape.map(() => 0);
  const slowestFirst = shape.map((_, axis) => axis).filter(axis => shape[axis] !== 1);
  slowestFirst.sort((a, b) => (strides[b] ?? 0) - (strides[a] ?? 0));
  let rest = address;
  for (const axis of slowestFirst) {
    const stride = strides[axis] ?? 1;
    place[axis] = Math.floor(rest / stride);
    rest %= stride;
  }
  return place;
}

/** Two arrays of one shape and what they make, all of their elements at once. */
export function Sides({ a, b }: { a: Figure; b: Figure }) {
  const { selection, sharedRange } = useApp();
  const pane = useRef<HTMLDivElement>(null);
  const height = usePaneHeight(pane) * PICTURE_SHARE;
  const region = useMemo(() => signal<Region | null>(null), []);
  const hover = useSignal<Hover | null>(null);
  const made = selection.third.value;
  const { tensor, plan } = a.request;
  const group = scaleGroup(tensor);
  const settings = selection.scales.value[group];
  const known = knownRange(sharedRange, a.request.run, tensor.key);
  const shared = useMemo(() => scaleOfFigures(settings, [a, b], known), [a, b, settings, known]);
  const third = useMemo(() => combinedFigure(a, b, made.operation), [a, b, made.operation]);
  const scale = useMemo(() => scaleOfThird(made, matricesOf(third)), [made, third]);
  const counts = useMemo(
    () => countLooks(shared, [...matricesOf(a), ...matricesOf(b)]),
    [a, b, shared],
  );
  const thirdCounts = useMemo(() => countLooks(scale, matricesOf(third)), [scale, third]);
  const report = useMemo(() => reportOf(a.array.values, b.array.values), [a, b]);
  const names: [string, string] = [`A: ${sideName(a, b)}`, `B: ${sideName(b, a)}`];
  const label = OPERATION_LABELS[made.operation];
  const sides = [
    { name: names[0], figure: a, scale: shared },
    { name: names[1], figure: b, scale: shared },
    { name: label, figure: third, scale },
  ];
  const show = ({ place: address }: Pair) => {
    const place = placeOf(a, address);
    const { outer, cell } = mapCellOf(a, place);
    if (a.layout === 'gallery') {
      const map = a.maps.findIndex(({ index }) => String(index) === String(outer));
      selection.map.value = map;
    }
    if (place.length < 2) return;
    const { rows = 1, cols = 1 } = a.maps[0]?.matrix ?? {};
    region.value = { rows: around(cell[0], rows), cols: around(cell[1], cols) };
  };
  const pointed = hover.value;
  return (
    <>
      <div id="lv-pane" class="lv-pane" role="tabpanel" aria-labelledby="lv-tab-compare" ref={pane}>
        {a.maps.length > 1 && a.layout === 'gallery' && selection.map.value !== null && (
          <MapPicker figure={a} canShowAll />
        )}
        <div class={a.layout === 'gallery' ? 'lv-sides lv-sides-last' : 'lv-sides'}>
          {sides.map(side => (
            <section key={side.name} class="lv-side-by-side" aria-label={side.name}>
              <h2>{side.name}</h2>
              <Drawing
                figure={side.figure}
                scale={side.scale}
                height={height}
                region={region}
                pointed={pointed?.index ?? null}
                onHover={next => {
                  hover.value = next;
                }}
                onPick={() => undefined}
              />
            </section>
          ))}
        </div>
        <div class="lv-compare-numbers">
          <CompareList
            report={report}
            kinds={[a.array.values, b.array.values]}
            indexOf={({ place }) => tensorIndex(plan, tensor.shape, placeOf(a, place))}
            onShow={show}
          />
          {report.scatter && <ScatterPlot scatter={report.scatter} names={names} />}
        </div>
      </div>
      <CompareReadout
        texts={
          pointed && [
            indexOf(a, pointed),
            formatValue(elementAt(a, pointed.index), a.array.values),
            formatValue(elementAt(b, pointed.index), b.array.values),
            label,
            formatShort(elementAt(third, pointed.index), 6),
          ]
        }
      />
      <CompareLegends
        group={group}
        scale={shared}
        counts={counts}
        third={scale}
        thirdCounts={thirdCounts}
        figures={[a, b]}
      />
    </>
  );
}
