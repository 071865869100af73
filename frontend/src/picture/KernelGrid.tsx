import { useCallback, useMemo } from 'preact/hooks';

import { cellAddress, type PanelGrid } from '../gl/panelGrid';
import type { Cell } from '../gl/rasterize';
import { plainWording } from '../scale/format';
import type { ViewAxis } from './AxisLabels';
import { Empty } from './Empty';
import { Gallery } from './Gallery';
import { KERNEL_GAP, layOutKernels } from './kernelLayout';
import { PanelView } from './PanelView';
import { firstUnit, indexName, indexText, readoutOf } from './readout';
import type { Axis, Hover, KernelGridProps, Kernels } from './types';
import { useRoom } from './useRoom';

/** The largest cell of a kernel before zooming in, in CSS pixels. */
const MAX_CELL = 16;
/** Room for the labels of the rows, in CSS pixels. */
const LABELS_WIDTH = 80;
const DEFAULT_MAX_HEIGHT = 640;

function stridesOf({ shape, strides }: Kernels): readonly [number, number, number, number] {
  const [, input, rows, cols] = shape;
  return strides ?? [input * rows * cols, rows * cols, cols, 1];
}

function gridOfKernels(kernels: Kernels, isTurned: boolean): PanelGrid {
  const { values, offset, shape } = kernels;
  const [out, input, rows, cols] = shape;
  const [outStride, inStride, rowStride, colStride] = stridesOf(kernels);
  const outAxis = { panels: out, panelStride: outStride };
  const inAxis = { panels: input, panelStride: inStride };
  return {
    values,
    offset,
    rows: { ...(isTurned ? inAxis : outAxis), cells: rows, cellStride: rowStride },
    cols: { ...(isTurned ? outAxis : inAxis), cells: cols, cellStride: colStride },
    panelCount: out * input,
  };
}

function channelLabels(axis: Axis, cells: number): ViewAxis {
  const { title } = axis;
  // A 1 x 1 kernel is a cell: there is no panel to tell from it.
  const unit = cells === 1 ? 'cell' : 'panel';
  return { title, unit, first: firstUnit(axis), label: channel => indexText(axis, channel) };
}

/** The kernels of a convolution: every output channel by every input channel. */
export function KernelGrid(props: KernelGridProps) {
  const { kernels } = props;
  if (kernels.shape.includes(0)) return <Empty title={props.title} shape={kernels.shape} />;
  // One input channel makes a column too thin to look at; its kernels read better side by side.
  if (kernels.shape[1] === 1) return <SingleChannelKernels {...props} />;
  return <FittedGrid {...props} />;
}

/** The grid, turned as it is best seen in the room that there is. */
function FittedGrid(props: KernelGridProps) {
  const [root, room] = useRoom<HTMLDivElement>();
  const width = Math.max(1, room.width - LABELS_WIDTH);
  const fitted = layOutKernels(props.kernels.shape, width, props.maxHeight ?? DEFAULT_MAX_HEIGHT);
  const { height } = fitted;
  const isTurned = fitted.isTurned && props.mayTurn !== false;
  return (
    <div ref={root}>
      {room.width > 0 && <ChannelGrid {...props} isTurned={isTurned} maxHeight={height} />}
    </div>
  );
}

function ChannelGrid(props: KernelGridProps & { isTurned: boolean }) {
  const { kernels, isTurned, outAxis, inAxis, rowAxis, colAxis } = props;
  const { values } = kernels;
  const [, , rows, cols] = kernels.shape;
  const grid = useMemo(() => gridOfKernels(kernels, isTurned), [kernels, isTurned]);
  const wording = useMemo(() => props.wording ?? plainWording(values), [props.wording, values]);
  const describe = useCallback(
    (cell: Cell) => {
      const address = cellAddress(grid, ...cell);
      const value = values[address];
      if (value === undefined) return null;
      const down = Math.floor(cell[0] / rows);
      const right = Math.floor(cell[1] / cols);
      const [out, input] = isTurned ? [right, down] : [down, right];
      const row = cell[0] % rows;
      const col = cell[1] % cols;
      return readoutOf(
        [out, input, row, col],
        [
          indexName(outAxis, out),
          indexName(inAxis, input),
          indexName(rowAxis, row),
          indexName(colAxis, col),
        ],
        value,
        wording.told(address),
      );
    },
    [grid, values, wording, isTurned, rows, cols, outAxis, inAxis, rowAxis, colAxis],
  );
  const downAxis = isTurned ? inAxis : outAxis;
  const rightAxis = isTurned ? outAxis : inAxis;
  return (
    <PanelView
      grid={grid}
      gap={rows * cols === 1 ? 0 : KERNEL_GAP}
      square={rows * cols > 1}
      maxCell={MAX_CELL}
      rowAxis={channelLabels(downAxis, rows)}
      colAxis={channelLabels(rightAxis, cols)}
      scale={props.scale}
      title={props.title}
      describe={describe}
      onHover={props.onHover}
      onPick={props.onPick}
      maxHeight={props.maxHeight}
    />
  );
}

function SingleChannelKernels(props: KernelGridProps) {
  const { kernels, outAxis, onHover } = props;
  const maps = useMemo(() => {
    const { values, offset, shape } = kernels;
    const [out, , rows, cols] = shape;
    const [outStride, , rowStride, colStride] = stridesOf(kernels);
    return Array.from({ length: out }, (_, channel) => ({
      title: indexName(outAxis, channel),
      matrix: { values, rows, cols, offset: offset + channel * outStride, rowStride, colStride },
    }));
  }, [kernels, outAxis]);
  const onMapHover = useCallback(
    (hover: Hover | null) => {
      if (hover === null) return onHover?.(null);
      const [channel = 0, ...place] = hover.index;
      onHover?.({ ...hover, index: [channel, 0, ...place] });
    },
    [onHover],
  );
  return (
    <Gallery
      maps={maps}
      scale={props.scale}
      wording={props.wording}
      rowAxis={props.rowAxis}
      colAxis={props.colAxis}
      onHover={onMapHover}
      onOpen={props.onOpen}
    />
  );
}
