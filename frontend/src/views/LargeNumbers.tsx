import { useMemo } from 'preact/hooks';
import type { Pair } from '../scale/difference';
import type { Figure } from '../state/figure';
import { tensorIndex } from '../state/plan';
import { lengthOf } from '../state/tiles';
import { reportOf, type WholeRequest } from '../state/wholeDifference';
import { useApp } from './appContext';
import { CompareList } from './CompareList';
import { ScatterPlot } from './Scatter';
import { around } from './Sides';

interface Props {
  a: Figure;
  b: Figure;
  names: readonly [string, string];
}

const BYTES_A_GIGABYTE = 1e9;

/** About how many bytes have to be read of both sides. */
function sizeText({ a, b, rows, cols }: WholeRequest): string {
  const bytesOf = (dtype: string) => Math.max(1, Number(/\d+/.exec(dtype)?.[0] ?? 8) / 8);
  const bytes = rows * cols * (bytesOf(a.tensor.dtype) + bytesOf(b.tensor.dtype));
  return `${(bytes / BYTES_A_GIGABYTE).toPrecision(2)} GB`;
}

/** What the numbers are of, and the way to those of all elements. */
function Basis({ a }: { a: Figure }) {
  const { comparison } = useApp();
  const request = comparison.largeRequest.value;
  const { whole, progress } = comparison;
  const blocks = a.request.plan.blocks.slice(-2).join(' x ');
  const ofBlocks = `These numbers are of blocks of ${blocks} elements.`;
  if (request === null) {
    return <p>{ofBlocks} Their elements were not kept.</p>;
  }
  if (whole.error.value !== null) {
    return (
      <p role="alert">
        {ofBlocks} The elements could not all be read: {whole.error.value.message}{' '}
        <button type="button" class="lv-link" onClick={() => whole.reload()}>
          Try again
        </button>
      </p>
    );
  }
  const count = (request.rows * request.cols).toLocaleString('en');
  if (whole.answer.value !== null && !whole.loading.value) {
    return <p>Of all {count} elements:</p>;
  }
  if (whole.loading.value) {
    return (
      <p>
        {ofBlocks} Comparing all {count} elements…{' '}
        <progress value={progress.value} max={1} aria-label="Elements compared" />{' '}
        <button type="button" class="lv-link" onClick={() => comparison.stopComparing()}>
          Stop
        </button>
      </p>
    );
  }
  return (
    <p>
      {ofBlocks}{' '}
      <button type="button" class="lv-button" onClick={() => comparison.compareAll()}>
        Compare all {count} elements ({sizeText(request)} to read)
      </button>
    </p>
  );
}

/** How two matrices in tiles differ: over all elements where those were compared, else over blocks. */
export function LargeNumbers({ a, b, names }: Props) {
  const { comparison, selection } = useApp();
  const { whole } = comparison;
  const exact = whole.loading.value ? null : (whole.answer.value?.value ?? null);
  const ofBlocks = useMemo(
    () => ({ ...reportOf(a.array.values, b.array.values), furthest: [] }),
    [a, b],
  );
  const report = exact ?? ofBlocks;
  const { plan, tensor } = a.request;
  const [rows, cols] = [lengthOf(plan, plan.rowAxis), lengthOf(plan, plan.colAxis)];
  const isTurned = (plan.rowAxis ?? 0) > (plan.colAxis ?? 0);
  /** Row and column in the picture of an element that is counted in the order of the tensor. */
  const cellOf = ({ place }: Pair): [number, number] => {
    const inLine = isTurned ? rows : cols;
    const [slow, fast] = [Math.floor(place / inLine), place % inLine];
    return isTurned ? [fast, slow] : [slow, fast];
  };
  const elements = { ...plan, blocks: plan.blocks.map(() => 1) };
  return (
    <div class="lv-compare-numbers">
      <CompareList
        report={report}
        unit={exact === null ? 'blocks' : 'elements'}
        kinds={[a.array.values, b.array.values]}
        indexOf={pair => tensorIndex(elements, tensor.shape, cellOf(pair))}
        onShow={pair => {
          const [row, col] = cellOf(pair);
          selection.region.value = { rows: around(row, rows), cols: around(col, cols) };
        }}
      >
        <Basis a={a} />
      </CompareList>
      {report.scatter && (
        <ScatterPlot
          scatter={report.scatter}
          names={[...names]}
          unit={exact === null ? 'block' : 'element'}
        />
      )}
    </div>
  );
}
