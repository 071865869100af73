import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

import { composePicture } from '../gl/compose';
import { gridOfMatrix } from '../gl/panelGrid';
import type { Picture } from '../gl/picture';
import { type Cell, shownCell } from '../gl/rasterize';
import { paint, paintParts } from '../gl/renderer';
import type { Part } from '../gl/tiles';
import type { Scale } from '../scale/types';
import type { GalleryLayout } from './galleryLayout';
import { gridOfMaps } from './mapGrid';
import type { GalleryMap } from './types';
import { paintUnderlay, type Underlay } from './underlay';

/** How far outside of what is seen bands are drawn ahead, in CSS pixels. */
const AHEAD = '400px';

interface Props {
  maps: readonly GalleryMap[];
  /** Whether it is the one at the top, which is drawn before it is known what is in view. */
  isFirst: boolean;
  layout: GalleryLayout;
  dpr: number;
  scale: Scale;
  scaleOf: ((map: GalleryMap) => Scale) | undefined;
  underlay: Underlay | undefined;
  /** The map and its cell under the pointer, with the place in CSS pixels of the window. */
  onPoint: (map: number, cell: Cell, x: number, y: number) => void;
  onLeave: () => void;
  onOpen: (map: number) => void;
  /** Told when it comes near to what is seen, and when it is far from it again. */
  onNear: (isNear: boolean) => void;
}

function useIsNear(atFirst: boolean): [RefObject<HTMLCanvasElement | null>, boolean] {
  const ref = useRef<HTMLCanvasElement>(null);
  const [near, setNear] = useState(atFirst);
  useEffect(() => {
    const canvas = ref.current;
    if (canvas === null) return;
    const observer = new IntersectionObserver(
      entries => setNear(entries.at(-1)?.isIntersecting ?? false),
      // The first is for the window, the second for what scrolls within it.
      { rootMargin: AHEAD, scrollMargin: AHEAD },
    );
    observer.observe(canvas);
    return () => observer.disconnect();
  }, []);
  return [ref, near];
}

/** Each map by itself, in a scale of its own. */
function partsOf(
  maps: readonly GalleryMap[],
  layout: GalleryLayout,
  scaleOf: (map: GalleryMap) => Scale,
): Part[] {
  const { columns, pitchX, pitchY, titleHeight, scale } = layout;
  const placement = { gap: 0, origin: 0, scale };
  return maps.flatMap((map, place) => {
    if (map.isPending) return [];
    const { rows, cols } = map.matrix;
    const [width, height] = [Math.round(cols * scale), Math.round(rows * scale)];
    const view = { rows: placement, cols: placement };
    const grid = gridOfMatrix(map.matrix);
    return {
      picture: composePicture(grid, view, width, height, scaleOf(map), true),
      x: (place % columns) * pitchX,
      y: Math.floor(place / columns) * pitchY + titleHeight,
    };
  });
}

/** Some rows of a gallery on one canvas, drawn only while it is in view or nearly so. */
export function GalleryBand(props: Props) {
  const { maps, layout, dpr, scale, scaleOf, underlay } = props;
  const { onPoint, onLeave, onOpen, onNear } = props;
  const behind = useRef<HTMLCanvasElement>(null);
  const [canvas, near] = useIsNear(props.isFirst);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another function is no news
  useEffect(() => {
    onNear(near);
    return () => onNear(false);
  }, [near]);
  // Maps in arrays of their own are drawn one by one: they are not all there, or just came.
  const isInParts = maps.some(({ matrix }) => matrix.values !== maps[0]?.matrix.values);
  const isShared = scaleOf === undefined && !isInParts && maps[0]?.isPending !== true;
  const oneByOne = useMemo(
    () => (isShared ? undefined : (scaleOf ?? (() => scale))),
    [isShared, scaleOf, scale],
  );
  const { columns, pitchX, pitchY, mapWidth } = layout;
  const width = (columns - 1) * pitchX + mapWidth;
  const height = Math.ceil(maps.length / columns) * pitchY;

  const picture = useMemo<Picture | null>(() => {
    if (!near) return null;
    // Only the places of the maps matter where each is drawn by itself.
    const matrices = maps.map(map => (isInParts && maps[0] ? maps[0].matrix : map.matrix));
    const grid = gridOfMaps(matrices, columns);
    const placements = {
      rows: {
        gap: pitchY / layout.scale - grid.rows.cells,
        origin: -layout.titleHeight / layout.scale,
        scale: layout.scale,
      },
      cols: { gap: pitchX / layout.scale - grid.cols.cells, origin: 0, scale: layout.scale },
    };
    return composePicture(grid, placements, width, height, scale, true);
  }, [near, maps, layout, columns, pitchX, pitchY, width, height, scale, isInParts]);

  useLayoutEffect(() => {
    if (canvas.current === null) return;
    if (picture !== null && oneByOne !== undefined) {
      paintParts(canvas.current, width, height, partsOf(maps, layout, oneByOne));
    } else if (picture !== null) paint(canvas.current, picture);
    // A canvas far from view gives its memory back.
    else canvas.current.width = 0;
  }, [picture, canvas, oneByOne, maps, layout, width, height]);

  const image = underlay?.image;
  useLayoutEffect(() => {
    if (behind.current === null || image === undefined || !near) return;
    const { titleHeight, mapWidth: wide, mapHeight: high } = layout;
    const places = maps.map(
      (_, i) => [(i % columns) * pitchX, Math.floor(i / columns) * pitchY + titleHeight] as const,
    );
    const sizes = { width, height, places, mapWidth: wide, mapHeight: high };
    paintUnderlay(behind.current, image, sizes);
  }, [image, near, maps, layout, columns, pitchX, pitchY, width, height]);

  const mapAt = (event: MouseEvent): [map: number, cell: Cell] | null => {
    if (picture === null) return null;
    const cell = shownCell(
      picture,
      Math.floor(event.offsetX * dpr),
      Math.floor(event.offsetY * dpr),
    );
    if (cell === null) return null;
    const { rows, cols } = picture.grid;
    const map = Math.floor(cell[0] / rows.cells) * columns + Math.floor(cell[1] / cols.cells);
    return [map, [cell[0] % rows.cells, cell[1] % cols.cells]];
  };

  const size = { width: `${width / dpr}px`, height: `${height / dpr}px` };
  return (
    <>
      {underlay && <canvas ref={behind} class="lv-band-behind" style={size} />}
      <canvas
        ref={canvas}
        class={underlay ? 'lv-band lv-band-over' : 'lv-band'}
        style={underlay ? { ...size, opacity: underlay.opacity } : size}
        onPointerMove={event => {
          const found = mapAt(event);
          if (found === null) onLeave();
          else onPoint(...found, event.clientX, event.clientY);
        }}
        onPointerLeave={onLeave}
        onClick={event => {
          const found = mapAt(event);
          if (found !== null) onOpen(found[0]);
        }}
      />
    </>
  );
}
