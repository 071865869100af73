import { useMemo } from 'preact/hooks';

import { type GalleryLayout, titleRoom } from './galleryLayout';
import type { GalleryMap } from './types';

interface Props {
  maps: readonly GalleryMap[];
  /** The index of the first of them in the gallery. */
  start: number;
  layout: GalleryLayout;
  dpr: number;
  /** Whether a title may be longer than its room. */
  mayCut: boolean;
  /** The map that the Tab key stops at. */
  current: number;
  /** The map under the pointer. */
  pointed: number | undefined;
  onFocus: (map: number) => void;
}

/**
 * The maps as the document knows them: a titled figure each, which the keyboard and screen readers
 * find; their cells are on the canvas behind. Kept while only the cell under the pointer changes:
 * there may be thousands.
 */
export function MapFigures(props: Props) {
  const { maps, start, layout, dpr, mayCut, current, pointed, onFocus } = props;
  const { columns, pitchX, pitchY, mapWidth, mapHeight, titleHeight } = layout;
  return useMemo(() => {
    const px = (length: number) => `${length / dpr}px`;
    // What they share they inherit: of thousands of maps each style that is set is felt.
    const shared = {
      '--lv-map-width': px(mapWidth),
      '--lv-map-height': px(titleHeight + mapHeight),
      '--lv-map-title': `${titleRoom(layout, dpr)}px`,
    };
    return (
      <div style={shared} class={mayCut ? 'lv-cut-titles' : undefined}>
        {maps.map(({ title, matrix, isPending }, i) => (
          <figure
            key={start + i}
            class={start + i === pointed ? 'lv-map lv-map-pointed' : 'lv-map'}
            data-map={start + i}
            data-pending={isPending}
            aria-label={`${title}, ${matrix.rows} by ${matrix.cols}${isPending ? ', loading' : ''}`}
            tabIndex={start + i === current ? 0 : -1}
            style={`left:${px((i % columns) * pitchX)};top:${px(Math.floor(i / columns) * pitchY)}`}
            onFocus={() => onFocus(start + i)}
          >
            <figcaption>{title}</figcaption>
          </figure>
        ))}
      </div>
    );
  }, [
    maps,
    start,
    layout,
    columns,
    pitchX,
    pitchY,
    mapWidth,
    mapHeight,
    titleHeight,
    dpr,
    mayCut,
    current,
    pointed,
    onFocus,
  ]);
}
