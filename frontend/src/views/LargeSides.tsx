import { useSignal } from '@preact/signals';
import { useCallback, useMemo, useRef } from 'preact/hooks';
import { cellOf, type Hover, TileMap, type TileStatus, type Tiles, useTiles } from '../picture';
import type { Operation } from '../scale/compare';
import { countLooks } from '../scale/scale';
import { sideName } from '../state/compare';
import { combinedWords, OPERATION_LABELS, tilesOfBoth } from '../state/compareTiles';
import type { Figure } from '../state/figure';
import { scaleOfFigures, scaleOfThird } from '../state/figureScale';
import { scaleGroup } from '../state/scales';
import { knownRange } from '../state/sharedRange';
import { useApp } from './appContext';
import { CompareLegends, CompareReadout } from './CompareLegends';
import { indexOf } from './HeatPane';
import { elementAxes } from './LargeMatrix';
import { LargeNumbers } from './LargeNumbers';
import { PICTURE_SHARE } from './Sides';
import { TileNote } from './TileNote';
import { usePaneHeight } from './usePaneRoom';

type Sources = NonNullable<ReturnType<typeof tilesOfBoth>>;

/** Room for the heading of a side, its tick labels and the pane's padding, in CSS pixels. */
const SURROUNDINGS_PX = 120;
/** Blocks of a level are 8 times as wide as those of the one before. */
const LEVEL_BITS = 3;

interface Props {
  a: Figure;
  b: Figure;
}

/** The cell of one side that is pointed at on another, in words. */
function textAt({ cache }: Tiles, { index, block = 1 }: Hover): string {
  const [row = 0, col = 0] = index;
  const { tile, address } = cellOf(cache, Math.log2(block) / LEVEL_BITS, [row, col]);
  return tile.wording.written(address);
}

/** What the cells of three maps are. */
function cellsOfSides(operation: Operation, a: Figure, block: number): string {
  const words = combinedWords(operation, a.request.plan.plane, block);
  return words === null ? 'A cell is an element.' : `Right: ${words}; zoom in to see elements.`;
}

/** Two matrices that are too large to be seen at once, and what they make: maps that move together. */
export function LargeSides(props: Props) {
  const { a, b } = props;
  const { view, selection } = useApp();
  const { operation } = selection.third.value;
  const sources = useMemo(
    () => tilesOfBoth(view.client, [a, b], operation),
    [view, a, b, operation],
  );
  return sources && <Maps {...props} sources={sources} />;
}

function Maps({ a, b, sources }: Props & { sources: Sources }) {
  const { selection, sharedRange } = useApp();
  const pane = useRef<HTMLDivElement>(null);
  const height = usePaneHeight(pane) * PICTURE_SHARE;
  const hover = useSignal<Hover | null>(null);
  const block = useSignal(1);
  const [ofA, ofB, made] = sources;
  const tiles = [useTiles(ofA), useTiles(ofB), useTiles(made)] as const;
  const { tensor } = a.request;
  const group = scaleGroup(tensor);
  const settings = selection.scales.value[group];
  const known = knownRange(sharedRange, a.request.run, tensor.key);
  const shared = useMemo(() => scaleOfFigures(settings, [a, b], known), [a, b, settings, known]);
  const chosen = selection.third.value;
  // Elements may be further apart than blocks are: what is beyond their range looks so.
  const third = useMemo(() => scaleOfThird(chosen, [made.overview.matrix]), [chosen, made]);
  const thirdCounts = useMemo(() => countLooks(third, [made.overview.matrix]), [third, made]);
  const counts = useMemo(
    () => countLooks(shared, [ofA.overview.matrix, ofB.overview.matrix]),
    [ofA, ofB, shared],
  );
  const [rowAxis, colAxis] = useMemo(() => elementAxes(a), [a]);
  const label = OPERATION_LABELS[chosen.operation];
  const names = [`A: ${sideName(a, b)}`, `B: ${sideName(b, a)}`] as const;
  const onHover = useCallback(
    (next: Hover | null) => {
      hover.value = next;
    },
    [hover],
  );
  const onStatus = useCallback(
    (status: TileStatus) => {
      block.value = status.block;
    },
    [block],
  );
  const pointed = hover.value;
  const [row, col] = pointed?.index ?? [];
  const selected = row === undefined || col === undefined ? null : ([row, col] as const);
  const status: TileStatus = {
    block: block.value,
    isLoading: tiles.some(({ cache }) => cache.isLoading),
    error: tiles.map(({ cache }) => cache.error).find(error => error !== null) ?? null,
    retry: () => {
      for (const { cache } of tiles) cache.retry();
    },
  };
  return (
    <>
      <div id="lv-pane" class="lv-pane" role="tabpanel" aria-labelledby="lv-tab-compare" ref={pane}>
        <div class="lv-sides">
          {[...names, label].map((name, i) => (
            <section key={i} class="lv-side-by-side" aria-label={name}>
              <h2>{name}</h2>
              <TileMap
                tiles={tiles[i] ?? tiles[0]}
                rowAxis={rowAxis}
                colAxis={colAxis}
                scale={i < names.length ? shared : third}
                maxHeight={height - SURROUNDINGS_PX}
                selected={selected}
                onHover={onHover}
                onStatus={i === 0 ? onStatus : undefined}
                region={selection.region}
              />
            </section>
          ))}
        </div>
        <TileNote words={cellsOfSides(chosen.operation, a, block.value)} status={status} />
        <LargeNumbers a={a} b={b} names={names} />
      </div>
      <CompareReadout
        texts={
          pointed && [
            indexOf(a, pointed),
            textAt(tiles[0], pointed),
            textAt(tiles[1], pointed),
            label,
            textAt(tiles[2], pointed),
          ]
        }
      />
      <CompareLegends
        group={group}
        scale={shared}
        counts={counts}
        third={third}
        thirdCounts={thirdCounts}
        figures={[a, b]}
      />
    </>
  );
}
