import type { Tensor } from '../contract/messages';
import { moduleLine } from '../state/modelText';
import { pythonLocation, shapeText, tensorLabel, tensorLocation } from '../state/names';
import { mainTensor, SAMPLES_PATH, type TreeRow, tensorsBelow } from '../state/tree';
import { useApp } from './appContext';
import { Icon } from './Icon';
import { Sparkline } from './Sparkline';

const INDENT_PX = 14;
const MARGIN_PX = 6;

function BadMark({ keys }: { keys: readonly string[] }) {
  const title = `NaN or Inf in ${keys.slice(0, 4).join(', ')}${keys.length > 4 ? ', ...' : ''}`;
  return (
    <span class="lv-bad-mark" role="img" aria-label={title} title={title}>
      !
    </span>
  );
}

/** The tensor whose course stands beside a line; an open module leaves that to its tensors. */
export function lineTensor(row: TreeRow): Tensor | null {
  if (row.type === 'tensor') return row.tensor;
  return row.open ? null : mainTensor(row.node.tensors);
}

interface Props {
  row: TreeRow;
  id: string;
  active: boolean;
  selected: boolean;
  onSelect: () => void;
  onToggle: () => void;
  onPin: () => void;
  /** The pointer came to it; `isSure` where a button went down on it. */
  onPoint: (isSure: boolean) => void;
}

/** One line of the layer tree: a module, or one of its tensors. */
export function TreeRowView(props: Props) {
  const { row, id, active, selected, onSelect, onToggle, onPin, onPoint } = props;
  const { summary, selection } = useApp();
  const badKeys = summary.health.value?.badKeys ?? new Set<string>();
  const isModule = row.type === 'module';
  const isPinned = !isModule && selection.pinned.value.includes(row.id);
  const below = isModule ? tensorsBelow(row.node) : [row.tensor];
  const bad = below.map(tensor => tensor.key).filter(key => badKeys.has(key));
  const shown = lineTensor(row);
  const line = shown === null ? undefined : summary.sparklines.lines.value.get(shown.key);
  const hasLine = line !== undefined && line.length > 1;
  const classes = ['lv-row', `lv-row-${row.type}`];
  if (active) classes.push('lv-row-active');
  if (selected) classes.push('lv-row-selected');
  if (below.length === 0) classes.push('lv-row-unrecorded');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around the rows has the keyboard
    <div
      id={id}
      class={classes.join(' ')}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth + 1}
      aria-selected={selected}
      {...(isModule && !row.leaf ? { 'aria-expanded': row.open } : {})}
      style={{ paddingLeft: `${MARGIN_PX + row.depth * INDENT_PX}px` }}
      title={
        hasLine ? `${rowTitle(row)}\nThe line: root mean square over the steps` : rowTitle(row)
      }
      onPointerEnter={() => onPoint(false)}
      onPointerDown={() => onPoint(true)}
      onClick={onSelect}
    >
      {isModule && !row.leaf ? (
        <span
          class={row.open ? 'lv-twisty lv-twisty-open' : 'lv-twisty'}
          aria-hidden="true"
          onClick={event => {
            event.stopPropagation();
            onToggle();
          }}
        >
          <Icon name="chevron" />
        </span>
      ) : (
        <span class="lv-twisty" />
      )}
      <RowLabel row={row} />
      {!isModule && (
        // For the pointer: the tree around the rows has a key for it.
        <span
          class={isPinned ? 'lv-row-pin lv-row-pinned' : 'lv-row-pin'}
          title={isPinned ? 'Unpin it (P)' : 'Pin it above the layers (P)'}
          aria-hidden="true"
          onClick={event => {
            event.stopPropagation();
            onPin();
          }}
        >
          <Icon name="pin" />
        </span>
      )}
      {bad.length > 0 && <BadMark keys={bad} />}
      {hasLine && <Sparkline values={line} />}
    </div>
  );
}

function RowLabel({ row }: { row: TreeRow }) {
  if (row.type === 'tensor') {
    return (
      <>
        <span class={`lv-row-text lv-kind-${row.tensor.kind}`}>{tensorLabel(row.tensor)}</span>
        <span class="lv-row-shape">{shapeText(row.tensor.shape)}</span>
      </>
    );
  }
  const { name, text } = moduleLine(row.node);
  return (
    <span class="lv-row-text">
      {name && <span class="lv-row-name">{name}</span>}
      {text}
    </span>
  );
}

function rowTitle(row: TreeRow): string {
  if (row.type === 'tensor') {
    return `${row.tensor.key}  ${row.tensor.dtype}\n${tensorLocation(row.tensor)}`;
  }
  if (row.node.path === SAMPLES_PATH)
    return 'What was given to the steps: inputs, targets, predictions';
  return `${pythonLocation(row.node.path)}\n${row.node.module?.repr ?? ''}`;
}
