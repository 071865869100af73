import { useCallback, useMemo } from 'preact/hooks';

import { gridOfMatrix } from '../gl/panelGrid';
import type { Cell } from '../gl/rasterize';
import { plainWording } from '../scale/format';
import { addressAt, valueAt } from '../scale/matrix';
import type { ViewAxis } from './AxisLabels';
import { Empty } from './Empty';
import { PanelView } from './PanelView';
import { firstUnit, indexName, indexText, readoutOf } from './readout';
import type { Axis, HeatmapProps } from './types';

/** The largest cell that a small matrix gets, in CSS pixels: room for its numbers. */
const MAX_CELL = 48;

/** Labels for an axis whose cells are counted one by one. */
function cellLabels(axis: Axis): ViewAxis {
  const { title } = axis;
  const label = (index: number) => indexText(axis, index);
  return { title, unit: 'cell', first: firstUnit(axis), label, named: axis.names !== undefined };
}

/** One matrix: row 0 at the top, column 0 at the left, every element a cell. */
export function Heatmap(props: HeatmapProps) {
  const { matrix, rowAxis, colAxis } = props;
  const wording = useMemo(
    () => props.wording ?? plainWording(matrix.values),
    [props.wording, matrix],
  );
  const grid = useMemo(() => gridOfMatrix(matrix), [matrix]);
  const describe = useCallback(
    ([row, col]: Cell) =>
      readoutOf(
        [row, col],
        [indexName(rowAxis, row), indexName(colAxis, col)],
        valueAt(matrix, row, col),
        wording.told(addressAt(matrix, row, col)),
      ),
    [matrix, wording, rowAxis, colAxis],
  );
  if (matrix.rows === 0 || matrix.cols === 0) {
    return <Empty title={props.title} shape={[matrix.rows, matrix.cols]} />;
  }
  return (
    <PanelView
      grid={grid}
      isFilled
      gap={0}
      square={false}
      maxCell={MAX_CELL}
      rowAxis={cellLabels(rowAxis)}
      colAxis={cellLabels(colAxis)}
      scale={props.scale}
      title={props.title}
      describe={describe}
      onHover={props.onHover}
      onPick={props.onPick}
      selected={props.selected}
      underlay={props.underlay}
      maxHeight={props.maxHeight}
      region={props.region}
    />
  );
}
