/** The height of a map's title, in CSS pixels. */
export const TITLE_HEIGHT = 20;
/** Space between maps, in CSS pixels. */
const GAP = 14;
/** Narrow maps stand as far apart as their titles need, up to this. */
const MAX_TITLE_WIDTH = 130;
const CHARACTER_WIDTH = 7;
/** More than characters take on the average of a title, in CSS pixels, if they are of these. */
const WIDE_CHARACTER_WIDTH = 8;
const NARROW = /^[ -~]*$/;
/** Between one title and the next. */
const TITLE_SPACE = 6;
/** The height, in CSS pixels, that a gallery tries not to grow beyond. */
const COMFORTABLE_HEIGHT = 640;
/** How long the longer side of a map is to be, in CSS pixels. */
const MIN_SIDE = 72;
const MAX_SIDE = 168;
const SIDE_STEP = 4;
/** The largest cell, in CSS pixels: a map of one element needs no more. */
const MAX_CELL = 48;
/** A band of maps shares one canvas of about this height, in CSS pixels. */
const BAND_HEIGHT = 800;

/** Where the maps of a gallery stand. Lengths are device pixels. */
export interface GalleryLayout {
  readonly columns: number;
  /** Device pixels per element. */
  readonly scale: number;
  readonly mapWidth: number;
  readonly mapHeight: number;
  /** From one map to the next. */
  readonly pitchX: number;
  readonly pitchY: number;
  readonly titleHeight: number;
  /** Rows of maps that are drawn on one canvas. */
  readonly rowsPerBand: number;
}

export interface GalleryRequest {
  readonly count: number;
  readonly rows: number;
  readonly cols: number;
  /** The length of the longest title, in characters. */
  readonly longestTitle: number;
  /** CSS pixels. */
  readonly width: number;
  readonly dpr: number;
}

function scaleFor(side: number, longest: number, dpr: number): number {
  const scale = Math.min(side / longest, MAX_CELL) * dpr;
  return scale >= 1 ? Math.floor(scale) : scale;
}

/** How the maps stand where their longer side takes about so many CSS pixels. */
function placed(request: GalleryRequest, side: number): GalleryLayout {
  const { count, rows, cols, width, dpr } = request;
  const gap = Math.round(GAP * dpr);
  const titleHeight = Math.round(TITLE_HEIGHT * dpr);
  const scale = scaleFor(side, Math.max(rows, cols), dpr);
  const mapWidth = Math.max(1, Math.round(cols * scale));
  const mapHeight = Math.max(1, Math.round(rows * scale));
  const titleWidth = Math.min(request.longestTitle * CHARACTER_WIDTH, MAX_TITLE_WIDTH);
  const spread = Math.round((titleWidth + TITLE_SPACE) * dpr);
  const pitchX = Math.max(mapWidth + gap, spread);
  const pitchY = titleHeight + mapHeight + gap;
  const fitting = Math.max(1, Math.floor((width * dpr + gap) / pitchX));
  return {
    columns: Math.min(Math.max(1, count), fitting),
    scale,
    mapWidth,
    mapHeight,
    pitchX,
    pitchY,
    titleHeight,
    rowsPerBand: Math.max(1, Math.floor((BAND_HEIGHT * dpr) / pitchY)),
  };
}

/**
 * Maps as large as lets all of them be seen at once, within reason, with whole device pixels per
 * element where elements are at least one.
 */
export function layOutGallery(request: GalleryRequest): GalleryLayout {
  const { count, dpr } = request;
  for (let side = MAX_SIDE; side > MIN_SIDE; side -= SIDE_STEP) {
    const layout = placed(request, side);
    if (Math.ceil(count / layout.columns) * layout.pitchY <= COMFORTABLE_HEIGHT * dpr)
      return layout;
  }
  return placed(request, MIN_SIDE);
}

/** The width that a title has before it is cut, in CSS pixels. */
export function titleRoom(layout: GalleryLayout, dpr: number): number {
  return layout.pitchX / dpr - TITLE_SPACE;
}

/** Whether a title may be too long for its room: to cut each costs a browser a place of its own. */
export function mayCutTitles(
  layout: GalleryLayout,
  titles: readonly string[],
  dpr: number,
): boolean {
  const most = titleRoom(layout, dpr) / WIDE_CHARACTER_WIDTH;
  return titles.some(title => title.length > most || !NARROW.test(title));
}
