import { useCallback, useMemo } from 'preact/hooks';

import { gridOfMatrix } from '../gl/panelGrid';
import type { Cell } from '../gl/rasterize';
import { valueAt } from '../scale/matrix';
import type { ViewAxis } from './AxisLabels';
import { Empty } from './Empty';
import { PanelView } from './PanelView';
import { indexName, readoutOf } from './readout';
import type { Axis, HeatmapProps } from './types';

/** The largest cell that a small matrix gets, in CSS pixels: room for its numbers. */
const MAX_CELL = 48;

/** Labels for an axis whose cells are counted one by one. */
function cellLabels(axis: Axis): ViewAxis {
  const first = axis.first ?? 0;
  return { title: axis.title, unit: 'cell', first, label: index => String(first + index) };
}

/** One matrix: row 0 at the top, column 0 at the left, every element a cell. */
export function Heatmap(props: HeatmapProps) {
  const { matrix, rowAxis, colAxis } = props;
  const grid = useMemo(() => gridOfMatrix(matrix), [matrix]);
  const describe = useCallback(
    ([row, col]: Cell) =>
      readoutOf(
        [row, col],
        [indexName(rowAxis, row), indexName(colAxis, col)],
        valueAt(matrix, row, col),
        matrix.values,
      ),
    [matrix, rowAxis, colAxis],
  );
  if (matrix.rows === 0 || matrix.cols === 0) {
    return <Empty title={props.title} shape={[matrix.rows, matrix.cols]} />;
  }
  return (
    <PanelView
      grid={grid}
      gap={0}
      square={false}
      maxCell={MAX_CELL}
      rowAxis={cellLabels(rowAxis)}
      colAxis={cellLabels(colAxis)}
      scale={props.scale}
      title={props.title}
      describe={describe}
      onHover={props.onHover}
      selected={props.selected}
      maxHeight={props.maxHeight}
    />
  );
}
