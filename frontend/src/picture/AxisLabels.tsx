import type { PanelAxis } from '../gl/panelGrid';
import { lineStart, type Placement } from '../gl/pixelAxis';
import { indexTicks } from '../scale/ticks';

/** How an axis of panels is labelled. */
export interface ViewAxis {
  readonly title: string;
  /** What one label stands for: a cell, or a whole panel. */
  readonly unit: 'cell' | 'panel';
  /** The number of the first unit, by which round labels are chosen. */
  readonly first: number;
  readonly label: (unit: number) => string;
  /** Whether labels are names, of any length, and not numbers. */
  readonly named?: boolean;
}

/** Widths in CSS pixels, for the font size of `.lv-axis`. */
const CHARACTER_WIDTH = 6.5;
const LABEL_SPACE = 12;
const LINE_HEIGHT = 14;
const TICK_LENGTH = 4;
const TITLE_HEIGHT = 20;
const TITLE_CHARACTER_WIDTH = 7.2;

function unitCount(axis: PanelAxis, unit: ViewAxis['unit']): number {
  return unit === 'panel' ? axis.panels : axis.panels * axis.cells;
}

function longestLabel(axis: PanelAxis, labels: ViewAxis): number {
  const count = unitCount(axis, labels.unit);
  const last = Math.max(0, count - 1);
  // The last block of an axis may be a single index, with a shorter label than those before it.
  const candidates = [0, Math.max(0, last - 1), last];
  const units = labels.named ? Array.from({ length: count }, (_, unit) => unit) : candidates;
  const longest = units.reduce((most, unit) => Math.max(most, labels.label(unit).length), 0);
  return longest * CHARACTER_WIDTH;
}

function titleWidth(labels: ViewAxis): number {
  return labels.title.length * TITLE_CHARACTER_WIDTH;
}

/** Whether a vertical axis is too short for its title, which then stands above it. */
export function isTitleAbove(labels: ViewAxis, length: number): boolean {
  return titleWidth(labels) > length;
}

/** How much space labels and title of a vertical axis take, in CSS pixels. */
export function rowLabelsWidth(axis: PanelAxis, labels: ViewAxis): number {
  const title = labels.title === '' ? 0 : TITLE_HEIGHT;
  return Math.ceil(title + longestLabel(axis, labels) + TICK_LENGTH + 4);
}

/** How much space labels and title of a horizontal axis take, in CSS pixels. */
const COL_LABELS_HEIGHT = TICK_LENGTH + LINE_HEIGHT + TITLE_HEIGHT;

interface Props {
  axis: PanelAxis;
  labels: ViewAxis;
  placement: Placement;
  /** The length of the axis in CSS pixels. */
  length: number;
  dpr: number;
}

interface PlacedLabel {
  readonly at: number;
  readonly text: string;
}

function placeLabels(props: Props, labelPixels: number): PlacedLabel[] {
  const { axis, labels, placement, length, dpr } = props;
  const { gap, origin, scale } = placement;
  const cells = labels.unit === 'panel' ? axis.cells : 1;
  const pitch = labels.unit === 'panel' && axis.panels > 1 ? axis.cells + gap : cells;
  const centerOf = (unit: number) =>
    ((lineStart(axis, gap, unit * cells) + cells / 2 - origin) * scale) / dpr;
  const ticks = indexTicks(
    labels.first,
    labels.first + unitCount(axis, labels.unit) - 1,
    (pitch * scale) / dpr,
    labelPixels,
  );
  return ticks
    .map(tick => tick - labels.first)
    .map(unit => ({ at: centerOf(unit), text: labels.label(unit) }))
    .filter(({ at, text }) => text !== '' && at >= 0 && at <= length);
}

/** Title and labels under a picture. */
export function ColLabels(props: Props) {
  const { axis, labels, length } = props;
  const placed = placeLabels(props, longestLabel(axis, labels) + LABEL_SPACE);
  const isWide = titleWidth(labels) <= length;
  return (
    <svg class="lv-axis" width={length} height={COL_LABELS_HEIGHT} aria-hidden="true">
      {placed.map(({ at, text }) => (
        <g key={text} transform={`translate(${at}, 0)`}>
          <line y2={TICK_LENGTH} />
          <text y={TICK_LENGTH + LINE_HEIGHT - 2} text-anchor="middle">
            {text}
          </text>
        </g>
      ))}
      <text
        class="lv-axis-title"
        x={isWide ? length / 2 : 0}
        y={COL_LABELS_HEIGHT - 5}
        text-anchor={isWide ? 'middle' : 'start'}
      >
        {labels.title}
      </text>
    </svg>
  );
}

/** Title and labels to the left of a picture. */
export function RowLabels(props: Props) {
  const { axis, labels, length } = props;
  const width = rowLabelsWidth(axis, labels);
  const placed = placeLabels(props, LINE_HEIGHT);
  const above = isTitleAbove(labels, length);
  return (
    <svg class="lv-axis" width={width} height={length} aria-hidden="true">
      {placed.map(({ at, text }) => (
        <g key={text} transform={`translate(${width}, ${at})`}>
          <line x1={-TICK_LENGTH} />
          <text x={-TICK_LENGTH - 3} dy="0.35em" text-anchor="end">
            {text}
          </text>
        </g>
      ))}
      <text
        class="lv-axis-title"
        transform={above ? 'translate(0, -8)' : `translate(13, ${length / 2}) rotate(-90)`}
        text-anchor={above ? 'start' : 'middle'}
      >
        {above ? `${labels.title} ↓` : labels.title}
      </text>
    </svg>
  );
}
