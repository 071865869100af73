import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Distribution } from '../scale/distribution';
import type { Wording } from '../scale/format';
import type { LookCounts, Matrix, Scale, ScaleSettings, Values } from '../scale/types';
import type { Underlay } from './underlay';
import type { Region } from './useView';

/** One axis of a picture: its title, and what its indices are called. */
export interface Axis {
  readonly title: string;
  /** The index of the first row or column, where the data is a slice of a longer axis. */
  readonly first?: number | undefined;
  /** How many indices a row or a column stands for, where it is a block of them. */
  readonly block?: number | undefined;
  /** How many indices the whole axis has: the last block may stand for fewer. */
  readonly extent?: number | undefined;
  /** What the rows or columns are called, where they have names in place of numbers. */
  readonly names?: readonly string[] | undefined;
}

/** The element under the pointer or the keyboard cursor. */
export interface Hover {
  /** `[row, col]` of a matrix, `[i]` of a strip, `[map, row, col]`, `[out, in, row, col]`. */
  readonly index: readonly number[];
  readonly value: number | bigint;
  /** The exact value, or the block, in words. */
  readonly valueText: string;
  /** Index and exact value, as they are shown and read out. */
  readonly text: string;
  /** How many elements the row and the column stand for, where that changes with the zoom. */
  readonly block?: number | undefined;
}

export type OnHover = (hover: Hover | null) => void;

/** A cell was clicked, or Enter was pressed on it. */
export type OnPick = (hover: Hover) => void;

export interface HeatmapProps {
  matrix: Matrix;
  rowAxis: Axis;
  colAxis: Axis;
  scale: Scale;
  /** What elements are called, where that is more than their values. */
  wording?: Wording | undefined;
  title?: string | undefined;
  onHover?: OnHover | undefined;
  onPick?: OnPick | undefined;
  /** The element to mark, as `[row, col]`. */
  selected?: readonly [number, number] | null | undefined;
  /** What lies below the elements, stretched to the size of the matrix. */
  underlay?: Underlay | undefined;
  /** The most height that the cells may take, in CSS pixels. */
  maxHeight?: number | undefined;
  /** The part that is shown, where others are to show the same, or a link tells it. */
  region?: Signal<Region | null> | undefined;
}

export interface GalleryMap {
  readonly title: string;
  readonly matrix: Matrix;
  /** Whether its elements are still to come: it has a title and room, and is blank. */
  readonly isPending?: boolean;
}

export interface GalleryProps {
  /** Maps of one shape. */
  maps: readonly GalleryMap[];
  scale: Scale;
  /** The scale of each map, where they have no common one. */
  scaleOf?: ((map: GalleryMap) => Scale) | undefined;
  /** What lies behind each map. */
  underlay?: Underlay | undefined;
  /** Of maps that are views of one array. */
  wording?: Wording | undefined;
  rowAxis: Axis;
  colAxis: Axis;
  onHover?: OnHover | undefined;
  /** A map was clicked, or Enter was pressed on it. */
  onOpen?: ((index: number) => void) | undefined;
  /** Told the first and the last map that are in view or nearly so, whenever these change. */
  onView?: ((first: number, last: number) => void) | undefined;
}

/** An array of small matrices, as kernels are; element `offset` is `[0, 0, 0, 0]`. */
export interface Kernels {
  readonly values: Values;
  readonly offset: number;
  /** Of the grid: downwards (output channels) and to the right; then rows and columns of each. */
  readonly shape: readonly [number, number, number, number];
  /** In elements; the last axis is the fastest where they are not given. */
  readonly strides?: readonly [number, number, number, number] | undefined;
}

export interface KernelGridProps {
  kernels: Kernels;
  scale: Scale;
  wording?: Wording | undefined;
  outAxis: Axis;
  inAxis: Axis;
  rowAxis: Axis;
  colAxis: Axis;
  /** Whether the grid may be turned where it is better seen so; it may where that is not given. */
  mayTurn?: boolean | undefined;
  title?: string | undefined;
  onHover?: OnHover | undefined;
  onPick?: OnPick | undefined;
  /** Of kernels of one input channel, which stand side by side: one was clicked, or Enter pressed on it. */
  onOpen?: ((output: number) => void) | undefined;
  maxHeight?: number | undefined;
}

export interface StripProps {
  values: Values;
  /** The first element and how many; the whole array where they are not given. */
  offset?: number | undefined;
  length?: number | undefined;
  axis: Axis;
  scale: Scale;
  wording?: Wording | undefined;
  title?: string | undefined;
  onHover?: OnHover | undefined;
  onPick?: OnPick | undefined;
}

export interface LegendProps {
  scale: Scale;
  counts: LookCounts;
  /** Of what is shown: on it the range is dragged. */
  distribution?: Distribution | null | undefined;
  onChange: (settings: ScaleSettings) => void;
  /** What of it does not hold for all elements (yet). */
  note?: string | null | undefined;
  /** More to choose of the range. */
  children?: ComponentChildren;
}

export interface ValueTableProps {
  matrix: Matrix;
  rowAxis: Axis;
  colAxis: Axis;
  wording?: Wording | undefined;
  /** Names the table to screen readers. */
  title?: string | undefined;
  /** The most height that the table may take, in CSS pixels. */
  maxHeight?: number | undefined;
}
