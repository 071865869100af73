import type { TileStatus } from '../picture';

interface Props {
  /** What a cell is. */
  words: string;
  status: TileStatus;
}

/** What the cells of maps in tiles are, whether finer ones are to come, and what did not come. */
export function TileNote({ words, status }: Props) {
  return (
    <p class="lv-cells-note" role="status">
      {words}
      {status.isLoading && ' Loading finer cells…'}
      {status.error && (
        <span class="lv-tile-error" role="alert">
          {' '}
          Some of it could not be loaded: {status.error.message}{' '}
          <button type="button" class="lv-link" onClick={status.retry}>
            Try again
          </button>
        </span>
      )}
    </p>
  );
}
