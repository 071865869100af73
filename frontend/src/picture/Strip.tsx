import { useCallback, useMemo } from 'preact/hooks';

import { cellAddress, type PanelGrid } from '../gl/panelGrid';
import type { Cell } from '../gl/rasterize';
import { plainWording } from '../scale/format';
import type { Values } from '../scale/types';
import { Empty } from './Empty';
import { PanelView } from './PanelView';
import { firstUnit, indexName, indexText, readoutOf } from './readout';
import type { StripProps } from './types';

/** Strips up to this length stand in one line. */
const MAX_SINGLE_LINE = 64;
/** Longer ones are broken at the first of these lengths that leaves no more lines than this. */
const LINE_LENGTHS = [64, 128, 256, 512, 1024, 2048, 4096];
const MAX_LINES = 16;
/** The largest cell of a strip, in CSS pixels: room for a number. */
const MAX_CELL = 48;

/** How many elements stand in a line, so that lines are few, long and begin at round indices. */
export function lineLength(length: number): number {
  if (length <= MAX_SINGLE_LINE) return length;
  return (
    LINE_LENGTHS.find(candidate => length / candidate <= MAX_LINES) ?? LINE_LENGTHS.at(-1) ?? length
  );
}

/** The elements in lines: every cell is a panel of its own, so that the last line may end early. */
function gridOfStrip(values: Values, offset: number, length: number): PanelGrid {
  const perLine = lineLength(length);
  return {
    values,
    offset,
    rows: { panels: Math.ceil(length / perLine), cells: 1, panelStride: perLine, cellStride: 0 },
    cols: { panels: perLine, cells: 1, panelStride: 1, cellStride: 0 },
    panelCount: length,
  };
}

/** A one-dimensional tensor: a line of cells, or, when it is long, lines to be read like text. */
export function Strip(props: StripProps) {
  const { values, axis } = props;
  const offset = props.offset ?? 0;
  const length = props.length ?? values.length - offset;
  const grid = useMemo(() => gridOfStrip(values, offset, length), [values, offset, length]);
  const wording = useMemo(() => props.wording ?? plainWording(values), [props.wording, values]);
  const describe = useCallback(
    ([line, place]: Cell) => {
      const address = cellAddress(grid, line, place);
      const value = address < 0 ? undefined : values[address];
      if (value === undefined) return null;
      const index = address - offset;
      return readoutOf([index], [indexName(axis, index)], value, wording.told(address));
    },
    [grid, values, wording, offset, axis],
  );
  if (length === 0) return <Empty title={props.title} shape={[0]} />;
  const startOf = (cell: number) => (axis.first ?? 0) + cell * (axis.block ?? 1);
  const perLine = grid.cols.panels;
  const single = grid.rows.panels === 1;
  return (
    <PanelView
      grid={grid}
      gap={0}
      square={false}
      maxCell={MAX_CELL}
      rowAxis={{
        title: single ? '' : 'Line starts at',
        unit: 'cell',
        first: 0,
        label: line => (single ? '' : String(startOf(line * perLine))),
      }}
      colAxis={{
        title: single ? axis.title : `${axis.title} (from the start of its line)`,
        unit: 'cell',
        first: single ? firstUnit(axis) : 0,
        label: place => (single ? indexText(axis, place) : String(startOf(place) - startOf(0))),
      }}
      scale={props.scale}
      title={props.title}
      describe={describe}
      onHover={props.onHover}
      onPick={props.onPick}
    />
  );
}
