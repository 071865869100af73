import { useMemo, useState } from 'preact/hooks';

import { plainWording, type Wording } from '../scale/format';
import { addressAt, valueAt } from '../scale/matrix';
import type { Matrix } from '../scale/types';
import { indexName, indexText } from './readout';
import type { ValueTableProps } from './types';
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
/** The exact digits of two float64, the parts of a complex number, with signs and exponents. */
const MAX_CHARACTERS = 49;

/** The width of a column, from a sample of the texts: numbers are not measured one by one. */
function columnWidth(matrix: Matrix, { written }: Wording, longestIndex: number): number {
  const count = matrix.rows * matrix.cols;
  const step = Math.max(1, Math.floor(count / WIDTH_SAMPLE));
  let longest = Math.max(MIN_CHARACTERS, longestIndex);
  for (let i = 0; i < count; i += step) {
    const text = written(addressAt(matrix, Math.floor(i / matrix.cols), i % matrix.cols));
    longest = Math.max(longest, text.length);
  }
  return Math.min(longest, MAX_CHARACTERS) * CHARACTER_WIDTH + CELL_PADDING;
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
}

/** The numbers themselves; only those in view are in the document. */
export function ValueTable(props: ValueTableProps) {
  const { matrix, rowAxis, colAxis } = props;
  const [root, room] = useRoom<HTMLDivElement>(true);
  const [scroll, setScroll] = useState({ top: 0, left: 0 });
  const wording = useMemo(
    () => props.wording ?? plainWording(matrix.values),
    [props.wording, matrix],
  );
  const longestIndex = indexText(colAxis, Math.max(0, matrix.cols - 1)).length;
  const width = useMemo(
    () => columnWidth(matrix, wording, longestIndex),
    [matrix, wording, longestIndex],
  );

  const lastRow = indexText(rowAxis, Math.max(0, matrix.rows - 1));
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
                      {indexText(colAxis, col)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {shownRows.map(row => (
                  <tr key={row} aria-rowindex={row + 2} style={{ height: `${ROW_HEIGHT}px` }}>
                    <th scope="row" title={indexName(rowAxis, row)}>
                      {indexText(rowAxis, row)}
                    </th>
                    {shownCols.map(col => (
                      <NumberCell key={col} matrix={matrix} wording={wording} row={row} col={col} />
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

interface CellProps {
  matrix: Matrix;
  wording: Wording;
  row: number;
  col: number;
}

function NumberCell({ matrix, wording, row, col }: CellProps) {
  const value = valueAt(matrix, row, col);
  const finite = typeof value === 'bigint' || Number.isFinite(value);
  const text = wording.written(addressAt(matrix, row, col));
  return (
    <td aria-colindex={col + 2} class={finite ? undefined : 'lv-non-finite'} title={text}>
      {text}
    </td>
  );
}
