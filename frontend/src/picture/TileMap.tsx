import type { Signal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useMemo } from 'preact/hooks';

import type { PanelAxis } from '../gl/panelGrid';
import { sideOf } from '../gl/tiles';
import type { Scale } from '../scale/types';
import type { ViewAxis } from './AxisLabels';
import type { SceneOf } from './scene';
import { shownLevel, tileScene } from './tileScene';
import type { Axis, OnHover, OnPick } from './types';
import type { Tiles } from './useTiles';
import type { Region } from './useView';
import { ViewFrame } from './ViewFrame';

const MAX_CELL = 48;

/** What a map shows at present. */
export interface TileStatus {
  /** How many elements a cell is high and wide. */
  readonly block: number;
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

export interface TileMapProps {
  tiles: Tiles;
  /** Of the elements. */
  rowAxis: Axis;
  colAxis: Axis;
  scale: Scale;
  title?: string | undefined;
  onHover?: OnHover | undefined;
  onPick?: OnPick | undefined;
  onStatus?: ((status: TileStatus) => void) | undefined;
  maxHeight?: number | undefined;
  region?: Signal<Region | null> | undefined;
  /** The cell to mark, as `[row, col]` of the level that is drawn. */
  selected?: readonly [number, number] | null | undefined;
}

function axisOf(cells: number): PanelAxis {
  return { panels: 1, cells, panelStride: 0, cellStride: 1 };
}

function elementLabels({ title, first = 0 }: Axis): ViewAxis {
  return { title, unit: 'cell', first, label: index => String(first + index) };
}

/** One matrix of any size, panned and zoomed like a map: what is seen comes as fine as the screen. */
export function TileMap(props: TileMapProps) {
  const { tiles, rowAxis, colAxis, scale, onStatus } = props;
  const { cache, change } = tiles;
  const { source } = cache;
  const shown = useSignal(sideOf(source.overviewLevel));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tile makes another scene
  const sceneOf: SceneOf = useCallback(
    (view, fit) => {
      const scene = tileScene(cache, [rowAxis, colAxis], scale, view, fit);
      return {
        ...scene,
        draw: canvas => {
          scene.draw(canvas);
          shown.value = sideOf(shownLevel(source, view));
        },
      };
    },
    [cache, source, rowAxis, colAxis, scale, change, shown],
  );
  const rows = useMemo(() => axisOf(source.rows), [source.rows]);
  const cols = useMemo(() => axisOf(source.cols), [source.cols]);
  const { isLoading, error } = cache;
  const block = shown.value;
  useEffect(
    () => onStatus?.({ block, isLoading, error, retry: () => cache.retry() }),
    [onStatus, block, isLoading, error, cache],
  );
  return (
    <ViewFrame
      rows={rows}
      cols={cols}
      gap={0}
      square={false}
      maxCell={MAX_CELL}
      rowAxis={elementLabels(rowAxis)}
      colAxis={elementLabels(colAxis)}
      title={props.title}
      selected={props.selected}
      sceneOf={sceneOf}
      onHover={props.onHover}
      onPick={props.onPick}
      maxHeight={props.maxHeight}
      region={props.region}
    />
  );
}
