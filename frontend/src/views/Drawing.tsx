import type { Signal } from '@preact/signals';
import { Heatmap, KernelGrid, type OnHover, type OnPick, type Region, Strip } from '../picture';
import type { Scale } from '../scale/types';
import type { Figure } from '../state/figure';
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
  /** The part that is shown, shared with other pictures. */
  region?: Signal<Region | null> | undefined;
  /** The index into the drawn axes of a cell to mark: the one that is pointed at elsewhere. */
  pointed?: readonly number[] | null | undefined;
}

/** Where a marked cell is in a matrix at a place of the outer axes; null where it is elsewhere. */
function cellIn(pointed: Props['pointed'], outer: readonly number[]): [number, number] | null {
  if (!pointed || String(pointed.slice(0, -2)) !== String(outer)) return null;
  const [row, col] = pointed.slice(-2);
  return row === undefined || col === undefined ? null : [row, col];
}

/** Room for titles, tick labels and the pane's padding, in CSS pixels. */
const SURROUNDINGS_PX = 120;

/** The picture that fits the tensor: a number, a strip, a matrix, a gallery or a grid of kernels. */
export function Drawing(props: Props) {
  const { figure, scale, height, onHover, onPick, onOpen, region, pointed } = props;
  const { selection } = useApp();
  const { rowAxis, colAxis, maps, array, outerAxes, wording } = figure;
  const maxHeight = height - SURROUNDINGS_PX;
  const openedIndex = selection.map.value;
  const opened = openedIndex === null ? undefined : maps[openedIndex];
  if (opened !== undefined && maps.length > 1 && onOpen === undefined) {
    return (
      <Heatmap
        matrix={opened.matrix}
        rowAxis={rowAxis}
        colAxis={colAxis}
        scale={scale}
        wording={wording}
        title={opened.title}
        maxHeight={maxHeight}
        region={region}
        selected={cellIn(pointed, opened.index)}
        onHover={hover => onHover(hover && { ...hover, index: [...opened.index, ...hover.index] })}
        onPick={hover => onPick({ ...hover, index: [...opened.index, ...hover.index] })}
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
      const [out = 0, into = 0, rows = 0, cols = 0] = array.shape;
      const [outAxis, inAxis] = outerAxes;
      if (!outAxis || !inAxis) return null;
      return (
        <KernelGrid
          kernels={{ values: array.values, offset: 0, shape: [out, into, rows, cols] }}
          outAxis={outAxis}
          inAxis={inAxis}
          rowAxis={rowAxis}
          colAxis={colAxis}
          scale={scale}
          wording={wording}
          maxHeight={maxHeight}
          onHover={onHover}
          onPick={onPick}
        />
      );
    }
    case 'gallery':
      return (
        <ArrangedGallery
          figure={figure}
          scale={scale}
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
          selected={cellIn(pointed, [])}
          onHover={onHover}
          onPick={onPick}
        />
      );
    }
  }
}

function Scalar({ figure }: { figure: Figure }) {
  if (figure.array.values.length === 0) return null;
  return <output class="lv-scalar">{figure.wording.told(0)}</output>;
}
