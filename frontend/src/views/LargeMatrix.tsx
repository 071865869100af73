import { useSignal } from '@preact/signals';
import { useCallback, useMemo } from 'preact/hooks';
import {
  type Axis,
  type OnHover,
  type OnPick,
  TileMap,
  type TileSource,
  type TileStatus,
  useTiles,
} from '../picture';
import type { Scale } from '../scale/types';
import type { Figure } from '../state/figure';
import { tilesOf } from '../state/tiles';
import { PLANE_LABELS } from '../state/wording';
import { useApp } from './appContext';
import { TileNote } from './TileNote';

interface Props {
  figure: Figure;
  scale: Scale;
  maxHeight: number;
  onHover: OnHover;
  onPick: OnPick;
}

/** The axes of a matrix, counted in elements whatever is drawn of it. */
export function elementAxes({ rowAxis, colAxis }: Figure): readonly [Axis, Axis] {
  return [
    { ...rowAxis, block: 1 },
    { ...colAxis, block: 1 },
  ];
}

function detailText({ block }: TileStatus, plane: string): string {
  return block === 1
    ? 'A cell is an element.'
    : `A cell is the ${plane} of ${block} x ${block} elements; zoom in to see them finer.`;
}

/** A matrix that is too large to be seen at once, drawn as finely as the screen can. */
export function LargeMatrix(props: Props) {
  const { view } = useApp();
  const source = useMemo(() => tilesOf(view.client, props.figure), [view, props.figure]);
  return source && <Tiled {...props} source={source} />;
}

function Tiled(props: Props & { source: TileSource }) {
  const { figure, source, scale, maxHeight, onHover, onPick } = props;
  const { selection } = useApp();
  const status = useSignal<TileStatus | null>(null);
  const tiles = useTiles(source);
  const onStatus = useCallback(
    (next: TileStatus) => {
      status.value = next;
    },
    [status],
  );
  const [rowAxis, colAxis] = useMemo(() => elementAxes(figure), [figure]);
  const shown = status.value;
  return (
    <>
      <TileMap
        tiles={tiles}
        rowAxis={rowAxis}
        colAxis={colAxis}
        scale={scale}
        maxHeight={maxHeight}
        onHover={onHover}
        onPick={onPick}
        onStatus={onStatus}
        region={selection.region}
      />
      {shown && (
        <TileNote
          words={detailText(shown, PLANE_LABELS[figure.request.plan.plane])}
          status={shown}
        />
      )}
    </>
  );
}
