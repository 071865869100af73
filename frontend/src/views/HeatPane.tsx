import { type Signal, useComputed, useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { type Hover, KnownWidth } from '../picture';
import { distributionOf } from '../scale/distribution';
import { counted } from '../scale/format';
import { elementIndex } from '../state/element';
import { countingWords, type Figure } from '../state/figure';
import { tensorIndex } from '../state/plan';
import { scaleGroup } from '../state/scales';
import { countsOfSeen, scaleOfSeen } from '../state/seen';
import { knownRange } from '../state/sharedRange';
import { useApp } from './appContext';
import { cellsNote } from './CellsNote';
import { Drawing } from './Drawing';
import { ElementCourse } from './ElementCourse';
import { MapPicker } from './MapPicker';
import { OverlayChoice } from './OverlayChoice';
import { SharedLegend } from './SharedLegend';
import { areMaps, underlayOf } from './underlay';
import { useKeyText } from './useKeyText';
import { useLasting } from './useLasting';
import { usePaneRoom } from './usePaneRoom';

const HISTOGRAM_BARS = 100;

/** The index, into the whole tensor, of a cell: of a block, the range of its elements. */
export function indexOf({ request: { plan, tensor } }: Figure, hover: Hover): string {
  const blocks = plan.blocks.map(side => (side > 1 ? (hover.block ?? side) : side));
  return tensorIndex({ ...plan, blocks }, tensor.shape, hover.index);
}

/** What a click on the picture does; nothing of blocks, which are followed nowhere. */
function clickWords(
  { array, layout, maps, outerShape, request }: Figure,
  isOne: boolean,
  hasSteps: boolean,
): string {
  // Kernels of one input channel stand side by side, too.
  const isOfMaps = layout === 'gallery' || (layout === 'kernels' && outerShape[1] === 1);
  if (isOfMaps && maps.length > 1 && !isOne) return '; a click shows one large';
  const hasElements = layout !== 'scalar' && request.plan.level === 0 && !array.shape.includes(0);
  return hasElements && hasSteps ? '; a click on one shows it over the steps' : '';
}

function Readout({ hover, figure }: { hover: Signal<Hover | null>; figure: Figure }) {
  const { selection, view } = useApp();
  const textOf = useKeyText();
  const { request, array } = figure;
  const { value } = hover;
  if (value === null) {
    const count = array.shape.reduce((size, length) => size * length, 1);
    const note = cellsNote(figure);
    const counting = countingWords(figure);
    const drawn = request.plan.level === 0 ? 'element' : 'cell';
    return (
      <div class="lv-readout">
        <span>
          {note && `${note}; `}
          {textOf(request.tensor.key)} at step {request.step}, {counted(count, drawn)} drawn
          {clickWords(figure, selection.map.value !== null, view.steps.value.length > 1)}
          {counting && `; ${counting}`}
        </span>
      </div>
    );
  }
  const { tensor } = request;
  const index = indexOf(figure, value);
  return (
    <div class="lv-readout">
      <span>
        {tensor.key}[{index}] at step {request.step}:
      </span>
      <strong>{value.valueText}</strong>
    </div>
  );
}

/** The tab of the picture, with the legend of its colours and the element under the pointer. */
export function HeatPane() {
  const { view, selection, sample, sharedRange } = useApp();
  const pane = useRef<HTMLDivElement>(null);
  const room = usePaneRoom(pane);
  const hover = useSignal<Hover | null>(null);
  const drawn = useComputed(() => {
    const figure = view.seenFigure.value;
    if (figure === null) return null;
    const { run, tensor } = figure.request;
    const group = scaleGroup(tensor);
    const known = knownRange(sharedRange, run, tensor.key);
    const scale = scaleOfSeen(selection.scales.value[group], figure, known);
    return { figure, group, scale, counts: countsOfSeen(scale, figure) };
  }).value;
  const shownFigure = drawn?.figure ?? null;
  const transform = drawn?.scale.settings.transform ?? 'linear';
  // Of what is still to come the extremes stand for the elements: the range can be dragged.
  const spread = shownFigure?.partial?.extremes ?? shownFigure?.whole ?? null;
  const distribution = useMemo(() => {
    if (spread === null) return null;
    const matrices = 'length' in spread ? spread : [spread];
    return distributionOf(matrices, transform, HISTOGRAM_BARS);
  }, [spread, transform]);
  const isStale =
    view.picture.loading.value && shownFigure?.request.tensor.key !== view.tensor.value?.key;
  const isLate = useLasting(isStale);
  // What waits to be replaced is not drawn once more for the room that its successor gets.
  const kept = useRef(room);
  if (!isStale) kept.current = room;
  const { height, width } = kept.current;
  const opened = selection.map.value;
  const input = sample.answer.value?.value.input ?? null;
  const gallery = selection.gallery.value;
  const overlayChoice = useMemo(
    () => shownFigure && areMaps(shownFigure) && <OverlayChoice input={input} />,
    [shownFigure, input],
  );
  // The same element as before is not looked into: most of what changes around it is none of its.
  const drawing = useMemo(
    () =>
      drawn && (
        <Drawing
          figure={drawn.figure}
          scale={drawn.scale}
          underlay={underlayOf(drawn.figure, input, gallery)}
          choices={overlayChoice}
          height={height}
          onHover={next => {
            hover.value = next;
          }}
          onPick={picked => {
            selection.element.value = elementIndex(indexOf(drawn.figure, picked));
          }}
        />
      ),
    [drawn, input, gallery, overlayChoice, height, hover, selection],
  );
  const legend = useMemo(
    () =>
      drawn &&
      drawn.figure.layout !== 'scalar' && (
        <div class="lv-legend-bar">
          <SharedLegend {...drawn} distribution={distribution} figures={[drawn.figure]} />
        </div>
      ),
    [drawn, distribution],
  );
  if (drawn === null) return <div id="lv-pane" class="lv-pane" role="tabpanel" ref={pane} />;
  const { figure } = drawn;
  return (
    <>
      <div
        id="lv-pane"
        class={isLate ? 'lv-pane lv-pane-stale' : 'lv-pane'}
        role="tabpanel"
        aria-labelledby="lv-tab-heat"
        aria-busy={isStale}
        ref={pane}
      >
        {opened !== null && opened >= figure.maps.length && figure.maps.length > 1 && (
          <p class="lv-muted" role="status">
            There is no map {opened}: the last is {figure.maps.length - 1}. All are shown.
          </p>
        )}
        {opened !== null && opened < figure.maps.length && (
          <div class="lv-arrange">
            <MapPicker figure={figure} canShowAll />
            {overlayChoice}
          </div>
        )}
        <div style={isStale ? { width: `${width}px` } : undefined}>
          <KnownWidth.Provider value={width}>{drawing}</KnownWidth.Provider>
        </div>
      </div>
      <Readout hover={hover} figure={figure} />
      <ElementCourse />
      {legend}
    </>
  );
}
