import { useCallback, useMemo } from 'preact/hooks';

import { cellAddress, type PanelGrid } from '../gl/panelGrid';
import type { Cell } from '../gl/rasterize';
import { matrixOf } from '../scale/matrix';
import type { ViewAxis } from './AxisLabels';
import { Empty } from './Empty';
import { Gallery } from './Gallery';
import { PanelView } from './PanelView';
import { indexName, readoutOf } from './readout';
import type { Axis, Hover, KernelGridProps, Kernels } from './types';

/** Free space between kernels, in cells. */
const GAP = 1;
/** The largest cell of a kernel before zooming in, in CSS pixels. */
const MAX_CELL = 16;

const ROW_AXIS: Axis = { title: 'Row' };
const COL_AXIS: Axis = { title: 'Column' };

/**
 * Whether output channels run to the right instead of downwards: the longer of the two axes does,
 * as pages are wider than high.
 */
function isOutToTheRight([out, input]: Kernels['shape']): boolean {
  return out > input;
}

function gridOfKernels({ values, offset, shape }: Kernels): PanelGrid {
  const [out, input, rows, cols] = shape;
  const outAxis = { panels: out, panelStride: input * rows * cols };
  const inAxis = { panels: input, panelStride: rows * cols };
  const swap = isOutToTheRight(shape);
  return {
    values,
    offset,
    rows: { ...(swap ? inAxis : outAxis), cells: rows, cellStride: cols },
    cols: { ...(swap ? outAxis : inAxis), cells: cols, cellStride: 1 },
    panelCount: out * input,
  };
}

function channelLabels(axis: Axis, cells: number): ViewAxis {
  const first = axis.first ?? 0;
  // A 1 x 1 kernel is a cell: there is no panel to tell from it.
  const unit = cells === 1 ? 'cell' : 'panel';
  return { title: axis.title, unit, first, label: channel => String(first + channel) };
}

/** The kernels of a convolution: every output channel by every input channel. */
export function KernelGrid(props: KernelGridProps) {
  const { kernels } = props;
  if (kernels.shape.includes(0)) return <Empty title={props.title} shape={kernels.shape} />;
  // One input channel makes a column too thin to look at; its kernels read better side by side.
  if (kernels.shape[1] === 1) return <SingleChannelKernels {...props} />;
  return <ChannelGrid {...props} />;
}

function ChannelGrid(props: KernelGridProps) {
  const { kernels, outAxis, inAxis } = props;
  const { values, offset } = kernels;
  const [outs, ins, rows, cols] = kernels.shape;
  const grid = useMemo(
    () => gridOfKernels({ values, offset, shape: [outs, ins, rows, cols] }),
    [values, offset, outs, ins, rows, cols],
  );
  const swap = isOutToTheRight(kernels.shape);
  const describe = useCallback(
    (cell: Cell) => {
      const value = values[cellAddress(grid, ...cell)];
      if (value === undefined) return null;
      const down = Math.floor(cell[0] / rows);
      const right = Math.floor(cell[1] / cols);
      const [out, input] = swap ? [right, down] : [down, right];
      const row = cell[0] % rows;
      const col = cell[1] % cols;
      return readoutOf(
        [out, input, row, col],
        [
          indexName(outAxis, out),
          indexName(inAxis, input),
          indexName(ROW_AXIS, row),
          indexName(COL_AXIS, col),
        ],
        value,
        values,
      );
    },
    [grid, values, swap, rows, cols, outAxis, inAxis],
  );
  const downAxis = swap ? inAxis : outAxis;
  const rightAxis = swap ? outAxis : inAxis;
  return (
    <PanelView
      grid={grid}
      gap={rows * cols === 1 ? 0 : GAP}
      square={rows * cols > 1}
      maxCell={MAX_CELL}
      rowAxis={channelLabels(downAxis, rows)}
      colAxis={channelLabels(rightAxis, cols)}
      scale={props.scale}
      title={props.title}
      describe={describe}
      onHover={props.onHover}
      maxHeight={props.maxHeight}
    />
  );
}

function SingleChannelKernels(props: KernelGridProps) {
  const { kernels, outAxis, onHover } = props;
  const { values, offset } = kernels;
  const [out, , rows, cols] = kernels.shape;
  const maps = useMemo(
    () =>
      Array.from({ length: out }, (_, channel) => ({
        title: indexName(outAxis, channel),
        matrix: matrixOf(values, rows, cols, offset + channel * rows * cols),
      })),
    [values, offset, outAxis, out, rows, cols],
  );
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
      rowAxis={ROW_AXIS}
      colAxis={COL_AXIS}
      onHover={onMapHover}
    />
  );
}
