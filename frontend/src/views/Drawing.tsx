import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import {
  Heatmap,
  type Hover,
  KernelGrid,
  type Kernels,
  type OnHover,
  type OnPick,
  type Region,
  Strip,
  type Underlay,
} from '../picture';
import type { Scale } from '../scale/types';
import { drawnIndex, type Figure, mapCellOf } from '../state/figure';
import { ArrangedGallery } from './ArrangedGallery';
import { useApp } from './appContext';
import { LargeMatrix } from './LargeMatrix';

interface Props {
  figure: Figure;
  scale: Scale;
  /** The height of the pane around it, in CSS pixels. */
  height: number;
  /** Told the index into the drawn axes, and the value. */
  onHover: OnHover;
  /** A cell was clicked: the index into the drawn axes, and the value. */
  onPick: OnPick;
  /** A map of a gallery was clicked, where that is not to show it large. */
  onOpen?: (() => void) | undefined;
  /** What stands beside the choices of a gallery. */
  choices?: ComponentChildren;
  /** What lies behind the maps of a gallery. */
  underlay?: Underlay | undefined;
  /** The part that is shown, shared with other pictures. */
  region?: Signal<Region | null> | undefined;
  /** The index into the drawn axes of a cell to mark: the one that is pointed at elsewhere. */
  pointed?: readonly number[] | null | undefined;
}

/** Where a marked cell is in a matrix at a place of the outer axes; null where it is elsewhere. */
function cellIn(
  figure: Figure,
  pointed: Props['pointed'],
  place: readonly number[],
): [number, number] | null {
  if (!pointed) return null;
  const { outer, cell } = mapCellOf(figure, pointed);
  return String(outer) === String(place) ? cell : null;
}

/** The matrices of a figure as the grid that they make. */
function kernelsOf({ array, maps, outerShape }: Figure): Kernels {
  const [down = 0, across = 0] = outerShape;
  const [downStride = 0, acrossStride = 0] = array.strides;
  const { rows, cols, rowStride, colStride } = maps[0]?.matrix ?? NO_MATRIX;
  return {
    values: array.values,
    offset: 0,
    shape: [down, across, rows, cols],
    strides: [downStride, acrossStride, rowStride, colStride],
  };
}

const NO_MATRIX = { rows: 0, cols: 0, rowStride: 0, colStride: 0 };

/** Room for titles, tick labels and the pane's padding, in CSS pixels. */
const SURROUNDINGS_PX = 120;

/** A map that is to be seen large, while it is still to come: it comes next. */
function PendingMap({ title, place }: { title: string; place: number }) {
  const { view } = useApp();
  useEffect(() => {
    view.inView = [place, place];
  }, [view, place]);
  return <p class="lv-muted">{title}: loading…</p>;
}

/** The picture that fits the tensor: a number, a strip, a matrix, a gallery or a grid of kernels. */
export function Drawing(props: Props) {
  const { figure, scale, height, onHover, onPick, onOpen, region, pointed, underlay } = props;
  const { selection } = useApp();
  const { rowAxis, colAxis, maps, array, outerAxes, wording } = figure;
  const maxHeight = height - SURROUNDINGS_PX;
  /** The same cell, by its index into the drawn axes. */
  const inFigure = (hover: Hover, outer: readonly number[]): Hover => ({
    ...hover,
    index: drawnIndex(figure, outer, hover.index),
  });
  const kernels = useMemo(() => (figure.layout === 'kernels' ? kernelsOf(figure) : null), [figure]);
  const openedIndex = selection.map.value;
  const opened = openedIndex === null ? undefined : maps[openedIndex];
  if (opened?.isPending === true && onOpen === undefined) {
    return <PendingMap title={opened.title} place={opened.index[0] ?? 0} />;
  }
  if (opened !== undefined && maps.length > 1 && onOpen === undefined) {
    return (
      <Heatmap
        matrix={opened.matrix}
        rowAxis={rowAxis}
        colAxis={colAxis}
        scale={scale}
        // A map that came before all of them is counted from its own part.
        wording={figure.partial === null ? wording : undefined}
        title={opened.title}
        underlay={underlay}
        maxHeight={maxHeight}
        region={region}
        selected={cellIn(figure, pointed, opened.index)}
        onHover={hover => onHover(hover && inFigure(hover, opened.index))}
        onPick={hover => onPick(inFigure(hover, opened.index))}
      />
    );
  }
  switch (figure.layout) {
    case 'scalar':
      return <Scalar figure={figure} />;
    case 'strip':
      return (
        <Strip
          values={array.values}
          axis={colAxis}
          scale={scale}
          wording={wording}
          onHover={onHover}
          onPick={onPick}
        />
      );
    case 'kernels': {
      const [outAxis, inAxis] = outerAxes;
      if (!outAxis || !inAxis || kernels === null) return null;
      const inGrid = (hover: Hover) => {
        const [down = 0, across = 0, ...cell] = hover.index;
        return inFigure({ ...hover, index: cell }, [down, across]);
      };
      return (
        <KernelGrid
          kernels={kernels}
          mayTurn={figure.request.plan.isNatural}
          outAxis={outAxis}
          inAxis={inAxis}
          rowAxis={rowAxis}
          colAxis={colAxis}
          scale={scale}
          wording={wording}
          maxHeight={maxHeight}
          onHover={hover => onHover(hover && inGrid(hover))}
          onPick={hover => onPick(inGrid(hover))}
          // Beside others it is read where it stands: there all are shown.
          onOpen={
            region === undefined
              ? output => {
                  selection.map.value = output;
                }
              : undefined
          }
        />
      );
    }
    case 'gallery':
      return (
        <ArrangedGallery
          figure={figure}
          choices={props.choices}
          scale={scale}
          underlay={underlay}
          canArrange={onOpen === undefined && region === undefined}
          onOpen={index => {
            if (onOpen) onOpen();
            else selection.map.value = index;
          }}
          onHover={onHover}
        />
      );
    case 'heatmap': {
      if (figure.request.plan.tiled) {
        return (
          <LargeMatrix
            figure={figure}
            scale={scale}
            maxHeight={maxHeight}
            onHover={onHover}
            onPick={onPick}
          />
        );
      }
      const [map] = maps;
      return map === undefined ? null : (
        <Heatmap
          matrix={map.matrix}
          rowAxis={rowAxis}
          colAxis={colAxis}
          scale={scale}
          wording={wording}
          maxHeight={maxHeight}
          region={region}
          selected={cellIn(figure, pointed, [])}
          onHover={hover => onHover(hover && inFigure(hover, []))}
          onPick={hover => onPick(inFigure(hover, []))}
        />
      );
    }
  }
}

function Scalar({ figure }: { figure: Figure }) {
  if (figure.array.values.length === 0) return null;
  return <output class="lv-scalar">{figure.wording.told(0)}</output>;
}
