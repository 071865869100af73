import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

import { TileCache, type TileSource } from './tileCache';

/** The tiles of a source, and a number that changes with them: what is drawn of them is drawn anew. */
export interface Tiles {
  readonly cache: TileCache;
  readonly change: number;
}

/** Keeps the tiles of a source for as long as it is shown. */
export function useTiles(source: TileSource): Tiles {
  const changes = useSignal(0);
  const cache = useMemo(
    () =>
      new TileCache(source, () => {
        changes.value = changes.peek() + 1;
      }),
    [source, changes],
  );
  useEffect(() => () => cache.dispose(), [cache]);
  return { cache, change: changes.value };
}
