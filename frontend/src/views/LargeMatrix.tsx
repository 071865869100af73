import { useSignal } from '@preact/signals';
import { useCallback, useMemo } from 'preact/hooks';
import { type OnHover, type OnPick, TileMap, type TileStatus } from '../picture';
import type { Scale } from '../scale/types';
import type { Figure } from '../state/figure';
import { tilesOf } from '../state/tiles';
import { PLANE_LABELS } from '../state/wording';
import { useApp } from './appContext';

interface Props {
  figure: Figure;
  scale: Scale;
  maxHeight: number;
  onHover: OnHover;
  onPick: OnPick;
}

function detailText(status: TileStatus, plane: string): string {
  const { block } = status;
  const detail =
    block === 1
      ? 'A cell is an element'
      : `A cell is the ${plane} of ${block} x ${block} elements; zoom in to see them finer`;
  return status.isLoading ? `${detail}. Loading finer cells…` : `${detail}.`;
}

/** A matrix that is too large to be seen at once, drawn as finely as the screen can. */
export function LargeMatrix({ figure, scale, maxHeight, onHover, onPick }: Props) {
  const { view, selection } = useApp();
  const status = useSignal<TileStatus | null>(null);
  const source = useMemo(() => tilesOf(view.client, figure), [view, figure]);
  const onStatus = useCallback(
    (next: TileStatus) => {
      status.value = next;
    },
    [status],
  );
  const axes = useMemo(() => {
    const whole = (title: string, extent: number) => ({ title, first: 0, block: 1, extent });
    const { rowAxis, colAxis } = figure;
    return [whole(rowAxis.title, rowAxis.extent), whole(colAxis.title, colAxis.extent)] as const;
  }, [figure]);
  if (source === null) return null;
  const [rowAxis, colAxis] = axes;
  const shown = status.value;
  return (
    <>
      <TileMap
        source={source}
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
        <p class="lv-cells-note" role="status">
          {detailText(shown, PLANE_LABELS[figure.request.plan.plane])}
          {shown.error && (
            <span class="lv-tile-error" role="alert">
              {' '}
              Some of it could not be loaded: {shown.error.message}{' '}
              <button type="button" class="lv-link" onClick={shown.retry}>
                Try again
              </button>
            </span>
          )}
        </p>
      )}
    </>
  );
}
