import { useMemo, useState } from 'preact/hooks';

import { formatValue } from '../scale/format';
import { valueAt } from '../scale/matrix';
import type { Matrix } from '../scale/types';
import { indexName } from './readout';
import type { Axis, ValueTableProps } from './types';
import { useRoom } from './useRoom';
import { windowOf } from './virtual';

/** CSS pixels. */
const ROW_HEIGHT = 24;
const HEADER_HEIGHT = 26;
const SCROLL_BAR = 18;
const CHARACTER_WIDTH = 7.5;
const CELL_PADDING = 20;
const DEFAULT_MAX_HEIGHT = 560;
const MIN_HEIGHT = 160;
/** How many elements are looked at to find how wide a column must be. */
const WIDTH_SAMPLE = 500;
const MIN_CHARACTERS = 6;
/** The exact digits of a float64 and its sign and exponent. */
const MAX_CHARACTERS = 24;

function textAt(matrix: Matrix, row: number, col: number): string {
  return formatValue(valueAt(matrix, row, col), matrix.values);
}

/** The width of a column, from a sample of the texts: numbers are not measured one by one. */
function columnWidth(matrix: Matrix): number {
  const count = matrix.rows * matrix.cols;
  const step = Math.max(1, Math.floor(count / WIDTH_SAMPLE));
  let longest = Math.max(MIN_CHARACTERS, String(matrix.cols).length);
  for (let i = 0; i < count; i += step) {
    const text = textAt(matrix, Math.floor(i / matrix.cols), i % matrix.cols);
    longest = Math.max(longest, text.length);
  }
  return Math.min(longest, MAX_CHARACTERS) * CHARACTER_WIDTH + CELL_PADDING;
}

function numberOf(axis: Axis, index: number): number {
  return (axis.first ?? 0) + index;
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
}

/** The numbers themselves; only those in view are in the document. */
export function ValueTable(props: ValueTableProps) {
  const { matrix, rowAxis, colAxis } = props;
  const [root, room] = useRoom<HTMLDivElement>();
  const [scroll, setScroll] = useState({ top: 0, left: 0 });
  const width = useMemo(() => columnWidth(matrix), [matrix]);

  const lastRow = String(numberOf(rowAxis, matrix.rows - 1));
  const headerWidth = Math.max(4, lastRow.length) * CHARACTER_WIDTH + CELL_PADDING;
  const full = HEADER_HEIGHT + matrix.rows * ROW_HEIGHT;
  const mostHeight = Math.max(MIN_HEIGHT, props.maxHeight ?? DEFAULT_MAX_HEIGHT);
  const height = Math.min(mostHeight, full + SCROLL_BAR);
  const visible = { width: room.width - headerWidth, height: room.height - HEADER_HEIGHT };
  const rows = windowOf(matrix.rows, ROW_HEIGHT, visible.height, scroll.top);
  const cols = windowOf(matrix.cols, width, visible.width, scroll.left);
  const shownRows = range(rows.first, rows.end);
  const shownCols = range(cols.first, cols.end);

  return (
    <div>
      <p class="lv-table-axes">
        {rowAxis.title} ↓ by {colAxis.title} →
      </p>
      <section
        class="lv-table"
        ref={root}
        aria-label={props.title ?? `Values, ${rowAxis.title} by ${colAxis.title}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll from the keyboard
        tabIndex={0}
        style={{
          height: `${height}px`,
          maxWidth: `${headerWidth + cols.length + SCROLL_BAR}px`,
        }}
        onScroll={event =>
          setScroll({ top: event.currentTarget.scrollTop, left: event.currentTarget.scrollLeft })
        }
      >
        <div
          style={{
            width: `${headerWidth + cols.length}px`,
            height: `${HEADER_HEIGHT + rows.length}px`,
          }}
        >
          <div
            class="lv-table-window"
            style={{ width: `${room.width}px`, height: `${room.height}px` }}
          >
            <table aria-rowcount={matrix.rows + 1} aria-colcount={matrix.cols + 1}>
              <thead>
                <tr aria-rowindex={1} style={{ height: `${HEADER_HEIGHT}px` }}>
                  <td style={{ width: `${headerWidth}px` }} />
                  {shownCols.map(col => (
                    <th
                      key={col}
                      scope="col"
                      aria-colindex={col + 2}
                      style={{ width: `${width}px` }}
                      title={indexName(colAxis, col)}
                    >
                      {numberOf(colAxis, col)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {shownRows.map(row => (
                  <tr key={row} aria-rowindex={row + 2} style={{ height: `${ROW_HEIGHT}px` }}>
                    <th scope="row" title={indexName(rowAxis, row)}>
                      {numberOf(rowAxis, row)}
                    </th>
                    {shownCols.map(col => (
                      <NumberCell key={col} matrix={matrix} row={row} col={col} />
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      </section>
    </div>
  );
}

function NumberCell({ matrix, row, col }: { matrix: Matrix; row: number; col: number }) {
  const value = valueAt(matrix, row, col);
  const finite = typeof value === 'bigint' || Number.isFinite(value);
  return (
    <td aria-colindex={col + 2} class={finite ? undefined : 'lv-non-finite'}>
      {formatValue(value, matrix.values)}
    </td>
  );
}
