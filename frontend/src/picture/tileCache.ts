import { type CellRect, type TileId, tileRect } from '../gl/tiles';
import type { Wording } from '../scale/format';
import type { Matrix } from '../scale/types';

/** Cells of a level, and what they are called. */
export interface Tile {
  readonly matrix: Matrix;
  readonly wording: Wording;
}

/** A matrix that comes in tiles, and all of it in cells that are few enough to be seen at once. */
export interface TileSource {
  /** How many elements it is high and wide. */
  readonly rows: number;
  readonly cols: number;
  /** The finest level that there is. */
  readonly finest: number;
  /** The level of the overview. */
  readonly overviewLevel: number;
  readonly overview: Tile;
  /** Rejects with an AbortError when the signal says so. */
  readonly load: (level: number, rect: CellRect, signal: AbortSignal) => Promise<Tile>;
}

/** Tiles that are kept: those of several screens. */
const MAX_TILES = 48;

function nameOf({ level, row, col }: TileId): string {
  return `${level} ${row} ${col}`;
}

/** The tiles of one source: those that are wanted are loaded, and no others. */
export class TileCache {
  readonly #tiles = new Map<string, Tile>();
  readonly #loading = new Map<string, AbortController>();
  readonly #failed = new Map<string, Error>();

  constructor(
    readonly source: TileSource,
    readonly onChange: () => void,
  ) {}

  get(id: TileId): Tile | undefined {
    return this.#tiles.get(nameOf(id));
  }

  get isLoading(): boolean {
    return this.#loading.size > 0;
  }

  /** Why some wanted tile is missing; null where none is, but for those under way. */
  get error(): Error | null {
    const [first] = this.#failed.values();
    return first ?? null;
  }

  /** Loads the tiles that are missing, and aborts the loading of those that are wanted no more. */
  want(ids: readonly TileId[]): void {
    const wanted = new Map(ids.map(id => [nameOf(id), id]));
    for (const [name, aborter] of this.#loading) {
      if (wanted.has(name)) continue;
      this.#loading.delete(name);
      aborter.abort();
    }
    for (const [name, id] of wanted) {
      const tile = this.#tiles.get(name);
      if (tile !== undefined) {
        // The one that was wanted last is the last to go.
        this.#tiles.delete(name);
        this.#tiles.set(name, tile);
      } else if (!this.#loading.has(name) && !this.#failed.has(name)) {
        void this.#load(name, id);
      }
    }
    this.#dropOldest(wanted.size);
  }

  /** Tries again what failed. */
  retry(): void {
    this.#failed.clear();
    this.onChange();
  }

  dispose(): void {
    for (const aborter of this.#loading.values()) aborter.abort();
    this.#loading.clear();
  }

  async #load(name: string, id: TileId): Promise<void> {
    const aborter = new AbortController();
    this.#loading.set(name, aborter);
    const { source } = this;
    try {
      const rect = tileRect(id, source.rows, source.cols);
      const tile = await source.load(id.level, rect, aborter.signal);
      if (aborter.signal.aborted) return;
      this.#tiles.set(name, tile);
    } catch (error) {
      if (aborter.signal.aborted) return;
      this.#failed.set(name, error instanceof Error ? error : new Error(String(error)));
    }
    this.#loading.delete(name);
    this.onChange();
  }

  #dropOldest(needed: number): void {
    const most = Math.max(MAX_TILES, needed);
    for (const name of this.#tiles.keys()) {
      if (this.#tiles.size <= most) return;
      this.#tiles.delete(name);
    }
  }
}
