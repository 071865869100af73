import { signal, useComputed, useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { Hover, Region } from '../picture';
import { ColorBar, Legend } from '../picture';
import {
  combined,
  differenceOf,
  furthest,
  OPERATIONS,
  type Operation,
  scatterOf,
} from '../scale/compare';
import { formatShort, formatValue } from '../scale/format';
import { countLooks, resolveScale } from '../scale/scale';
import type { ScaleSettings } from '../scale/types';
import { sideName } from '../state/compare';
import { type Figure, figureOf } from '../state/figure';
import { shapeText } from '../state/names';
import { scaleGroup } from '../state/scales';
import { useApp } from './appContext';
import { CompareControls } from './CompareControls';
import { CompareList } from './CompareList';
import { Drawing } from './Drawing';
import { indexOf } from './HeatPane';
import { MapPicker } from './MapPicker';
import { Failure, Message } from './Message';
import { ScatterPlot } from './Scatter';
import { usePaneHeight } from './usePaneHeight';

const SCATTER_CELLS = 96;
const LISTED = 20;
/** A picture takes this share of the pane's height: numbers stand below. */
const PICTURE_SHARE = 0.62;

const OPERATION_LABELS: Readonly<Record<Operation, string>> = {
  difference: 'A - B',
  ratio: 'A / B',
  relative: '(A - B) / max(|A|, |B|)',
};

const DIFFERENCE_SETTINGS: ScaleSettings = {
  map: 'RdBu',
  reversed: true,
  mode: 'symmetric',
  transform: 'linear',
  fixed: [Number.NaN, Number.NaN],
};

/** What is shown of each side: the figures, or why there are none. */
function isComparable(a: Figure, b: Figure): boolean {
  return String(a.array.shape) === String(b.array.shape);
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

function Sides({ a, b }: { a: Figure; b: Figure }) {
  const { selection } = useApp();
  const pane = useRef<HTMLDivElement>(null);
  const height = usePaneHeight(pane) * PICTURE_SHARE;
  const region = useMemo(() => signal<Region | null>(null), []);
  const hover = useSignal<Hover | null>(null);
  const operation = useSignal<Operation>('difference');
  const group = scaleGroup(a.request.tensor.kind);
  const settings = selection.scales.value[group];
  const shared = useMemo(
    () => resolveScale(settings, [...matricesOf(a), ...matricesOf(b)]),
    [a, b, settings],
  );
  const third = useMemo(() => combinedFigure(a, b, operation.value), [a, b, operation.value]);
  const scale = useMemo(() => resolveScale(DIFFERENCE_SETTINGS, matricesOf(third)), [third]);
  const figures = useMemo(
    () => ({
      counts: countLooks(shared, [...matricesOf(a), ...matricesOf(b)]),
      summary: differenceOf(a.array.values, b.array.values),
      listed: furthest(a.array.values, b.array.values, LISTED),
      scatter: scatterOf(a.array.values, b.array.values, SCATTER_CELLS),
    }),
    [a, b, shared],
  );
  const names: [string, string] = [`A: ${sideName(a, b)}`, `B: ${sideName(b, a)}`];
  const sides = [
    { name: names[0], figure: a, scale: shared },
    { name: names[1], figure: b, scale: shared },
    { name: OPERATION_LABELS[operation.value], figure: third, scale },
  ];
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
            a={a}
            b={b}
            summary={figures.summary}
            places={figures.listed}
            region={region}
          />
          {figures.scatter && <ScatterPlot scatter={figures.scatter} names={names} />}
        </div>
      </div>
      <div class="lv-readout">
        {pointed === null ? (
          <span>Point at a cell: the same one is marked on every side.</span>
        ) : (
          <>
            <span>[{indexOf(a, pointed)}]</span>
            <span>
              A <strong>{formatValue(elementAt(a, pointed.index), a.array.values)}</strong>
            </span>
            <span>
              B <strong>{formatValue(elementAt(b, pointed.index), b.array.values)}</strong>
            </span>
            <span>
              {OPERATION_LABELS[operation.value]}{' '}
              <strong>{formatShort(elementAt(third, pointed.index), 6)}</strong>
            </span>
          </>
        )}
      </div>
      <div class="lv-legend-bar lv-compare-legends">
        <Legend
          scale={shared}
          counts={figures.counts}
          onChange={next => selection.chooseScale(group, next)}
        />
        <div class="lv-compare-third">
          <label class="lv-control">
            <span>Third picture</span>
            <select
              value={operation.value}
              onChange={event => {
                const chosen = OPERATIONS[event.currentTarget.selectedIndex];
                if (chosen !== undefined) operation.value = chosen;
              }}
            >
              {OPERATIONS.map(option => (
                <option key={option} value={option}>
                  {OPERATION_LABELS[option]}
                </option>
              ))}
            </select>
          </label>
          {!Number.isNaN(scale.lo) && <ColorBar scale={scale} width={220} />}
        </div>
      </div>
    </>
  );
}

/** What is missing on the side that is compared with. */
function Missing() {
  const { comparison, view, selection } = useApp();
  const key = selection.other.value.key ?? view.tensor.value?.key;
  return (
    <Message title="There is nothing to compare with">
      <p>
        The run <code>{comparison.run.value}</code> has no tensor <code>{key}</code>, or its
        elements were not kept. Choose another run or tensor above.
      </p>
    </Message>
  );
}

/** Two pictures of one shape side by side, and how they differ. */
export function ComparePane() {
  const { view, comparison } = useApp();
  const state = useComputed(() => {
    const [a, b] = [view.figure.value, comparison.figure.value];
    return { a, b, error: comparison.picture.error.value ?? comparison.catalog.error.value };
  }).value;
  const { a, b, error } = state;
  const shapes = (figure: Figure) => shapeText(figure.array.shape);
  const isMissing =
    comparison.catalog.answer.value !== null &&
    !comparison.catalog.loading.value &&
    comparison.tensor.value === null;
  const body = () => {
    if (error !== null) {
      return (
        <Failure
          error={error}
          onRetry={() => {
            comparison.catalog.reload();
            comparison.picture.reload();
          }}
        />
      );
    }
    if (isMissing) return <Missing />;
    if (a === null || b === null) return <p class="lv-muted">Loading the other side…</p>;
    return (
      <Message title="Their shapes differ">
        <p>
          A is of shape {shapes(a)}, B of {shapes(b)}: only arrays of one shape can be compared.
        </p>
      </Message>
    );
  };
  const canShow = error === null && !isMissing && a !== null && b !== null && isComparable(a, b);
  return (
    <>
      <CompareControls />
      {canShow ? (
        <Sides a={a} b={b} />
      ) : (
        <div id="lv-pane" class="lv-pane" role="tabpanel" aria-labelledby="lv-tab-compare">
          {body()}
        </div>
      )}
    </>
  );
}
