import { useEffect, useRef, useState } from 'preact/hooks';
import { chartKeys } from '../state/chartData';
import { mainTensor, type TreeRow } from '../state/tree';
import { useApp } from './appContext';
import { lineTensor, TreeRowView } from './TreeRowView';
import { treeKey } from './treeKeys';
import { usePaneHeight } from './usePaneRoom';

export const ROW_HEIGHT_PX = 24;
/** Rows drawn above and below what is in view, so that scrolling shows no gaps. */
const OVERSCAN_ROWS = 8;
/** The active row is seen with so many on either side of it. */
const KEPT_IN_VIEW_ROWS = 2;
/** The layers in order of execution, each with its tensors. Only the rows in view are in the page. */
export function TreeView() {
  const { tree, view, selection, summary, pinned, ahead } = useApp();
  const list = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [active, setActive] = useState<string | null>(null);
  const height = usePaneHeight(list);
  const rows = tree.rows.value;
  const selectedKey = view.tensor.value?.key ?? null;
  const activeIndex = Math.max(
    0,
    rows.findIndex(row => row.id === (active ?? selectedKey)),
  );

  useEffect(() => setActive(selectedKey), [selectedKey]);
  useEffect(() => {
    const target = list.current;
    if (target === null) return;
    const above = (activeIndex - KEPT_IN_VIEW_ROWS) * ROW_HEIGHT_PX;
    const below = (activeIndex + 1 + KEPT_IN_VIEW_ROWS) * ROW_HEIGHT_PX;
    if (above < target.scrollTop) target.scrollTop = above;
    else if (below > target.scrollTop + height) target.scrollTop = below - height;
  }, [activeIndex, height]);

  const isChoosing = selection.place.value === 'charts';
  const charted = isChoosing ? chartKeys(selection, view) : [];
  const choose = (key: string) => {
    if (isChoosing) selection.toggleChartKey(key, charted);
    else selection.chooseKey(key);
  };
  const isSelected = (key: string) => (isChoosing ? charted.includes(key) : key === selectedKey);
  const select = (row: TreeRow) => {
    setActive(row.id);
    if (row.type === 'tensor') {
      choose(row.tensor.key);
      return;
    }
    const tensor = mainTensor(row.node.tensors);
    if (tensor === null) tree.setOpen(row.id, !row.open);
    else {
      tree.setOpen(row.id, true);
      choose(tensor.key);
    }
  };

  const tensorOf = (row: TreeRow) =>
    row.type === 'tensor' ? row.tensor : mainTensor(row.node.tensors);
  const pin = (row: TreeRow) => {
    const tensor = tensorOf(row);
    if (tensor !== null) selection.togglePin(tensor.key);
  };
  // In the charts a click shows no picture.
  const point = (row: TreeRow | undefined, isSure = false) =>
    ahead.point(row === undefined || isChoosing ? null : tensorOf(row), isSure);

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[activeIndex];
    const move = row && treeKey(event.key, rows, activeIndex);
    if (!row || !move) return;
    event.preventDefault();
    if (move.type === 'go') {
      setActive(rows[move.index]?.id ?? null);
      point(rows[move.index]);
    } else if (move.type === 'open') tree.setOpen(row.id, move.open);
    else if (move.type === 'pin') pin(row);
    else select(row);
  };

  const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT_PX) - OVERSCAN_ROWS);
  const count = Math.ceil(height / ROW_HEIGHT_PX) + 2 * OVERSCAN_ROWS;
  const run = view.run.value ?? '';
  const inView = rows.slice(first, first + count);
  const inTree = inView.flatMap(row => lineTensor(row)?.key ?? []);
  const lineKeys = [...new Set([...pinned.value.map(({ key }) => key), ...inTree])];
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys themselves, not their list
  useEffect(() => summary.sparklines.want(run, lineKeys), [run, lineKeys.join('\n')]);
  // Rows that are scrolled out of view are not in the page.
  const isDrawn = activeIndex >= first && activeIndex < Math.min(rows.length, first + count);
  return (
    <div
      ref={list}
      class="lv-tree"
      role="tree"
      tabIndex={0}
      aria-label="Layers and their tensors"
      aria-multiselectable={isChoosing}
      aria-activedescendant={isDrawn ? `lv-row-${activeIndex}` : undefined}
      onKeyDown={onKeyDown}
      onPointerLeave={() => point(undefined)}
      onScroll={event => setScrollTop(event.currentTarget.scrollTop)}
    >
      <div style={{ height: `${rows.length * ROW_HEIGHT_PX}px` }} role="presentation">
        <div style={{ transform: `translateY(${first * ROW_HEIGHT_PX}px)` }} role="presentation">
          {inView.map((row, place) => (
            <TreeRowView
              key={row.id}
              id={`lv-row-${first + place}`}
              row={row}
              active={first + place === activeIndex}
              selected={row.type === 'tensor' && isSelected(row.id)}
              onSelect={() => select(row)}
              onPin={() => pin(row)}
              onPoint={isSure => point(row, isSure)}
              onToggle={() => row.type === 'module' && tree.setOpen(row.id, !row.open)}
            />
          ))}
        </div>
      </div>
    </div>
  );
}
