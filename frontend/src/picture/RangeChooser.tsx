import { useRef } from 'preact/hooks';

import type { Distribution } from '../scale/distribution';
import { formatShort } from '../scale/format';
import type { Scale } from '../scale/types';

const HEIGHT = 30;
/** A key moves an end by this share of the width, with Shift by ten of them. */
const KEY_SHARE = 0.01;
const FAST = 10;
const DIGITS = 4;

interface Props {
  distribution: Distribution;
  scale: Scale;
  width: number;
  onRange: (lo: number, hi: number) => void;
  onReset: () => void;
}

type Grip = 'lo' | 'hi' | 'both';

interface Drag {
  readonly grip: Grip;
  readonly from: number;
  readonly lo: number;
  readonly hi: number;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/**
 * The distribution of what is shown, on which the range of the colours is dragged: an end by its
 * handle, or the whole by what lies between.
 */
export function RangeChooser({ distribution, scale, width, onRange, onReset }: Props) {
  const { spread, counts } = distribution;
  const drag = useRef<Drag | null>(null);
  const shareOf = (value: number) =>
    clamp(spread.forward(Math.min(distribution.hi, Math.max(distribution.lo, value))));
  const [lo, hi] = [shareOf(scale.lo), shareOf(scale.hi)];

  const moved = (grip: Grip, start: Drag, by: number): void => {
    const most = grip === 'both' ? Math.min(Math.max(by, -start.lo), 1 - start.hi) : by;
    const least = grip === 'hi' ? start.lo : clamp(start.lo + most);
    const greatest = grip === 'lo' ? start.hi : clamp(start.hi + most);
    if (least >= greatest) return;
    onRange(spread.inverse(least), spread.inverse(greatest));
  };
  const begin = (grip: Grip) => (event: PointerEvent & { currentTarget: Element }) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    event.stopPropagation();
    drag.current = { grip, from: event.clientX, lo, hi };
  };
  const move = (event: PointerEvent) => {
    const start = drag.current;
    if (start !== null) moved(start.grip, start, (event.clientX - start.from) / width);
  };
  const end = () => {
    drag.current = null;
  };
  const onKeyDown = (grip: 'lo' | 'hi') => (event: KeyboardEvent) => {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    const by = direction * KEY_SHARE * (event.shiftKey ? FAST : 1);
    moved(grip, { grip, from: 0, lo, hi }, by);
  };
  const most = Math.log1p(counts.reduce((greatest, count) => Math.max(greatest, count), 1));
  const bar = width / counts.length;
  const bars = Array.from(counts, (count, i) => {
    const height = (Math.log1p(count) / most) * HEIGHT;
    return `M${i * bar} ${HEIGHT}v${-height}h${Math.max(bar - 0.5, 0.5)}v${height}z`;
  }).join('');
  const handle = (grip: 'lo' | 'hi', share: number, label: string, value: number) => (
    <div
      class="lv-range-handle"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={distribution.lo}
      aria-valuemax={distribution.hi}
      aria-valuenow={Math.min(distribution.hi, Math.max(distribution.lo, value))}
      aria-valuetext={formatShort(value, DIGITS)}
      style={{ left: `${share * width}px` }}
      onPointerDown={begin(grip)}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={onKeyDown(grip)}
    />
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset holds the controls of a form
    <div
      class="lv-range"
      role="group"
      aria-label="Range of the colours, over the distribution of what is shown"
      title="Drag an end, or the whole, to choose the range; double click takes all of it"
      style={{ width: `${width}px`, height: `${HEIGHT}px` }}
      onDblClick={onReset}
    >
      <svg width={width} height={HEIGHT} aria-hidden="true">
        <path d={bars} />
      </svg>
      <div
        class="lv-range-inside"
        style={{ left: `${lo * width}px`, width: `${(hi - lo) * width}px` }}
        onPointerDown={begin('both')}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
      />
      {handle('lo', lo, 'Lower end of the range', scale.lo)}
      {handle('hi', hi, 'Upper end of the range', scale.hi)}
    </div>
  );
}
