/** How the maps of a gallery are arranged. */

export const GALLERY_SORTS = ['index', 'magnitude', 'variance', 'zeros', 'similarity'] as const;
export type GallerySort = (typeof GALLERY_SORTS)[number];

export const GALLERY_FILTERS = ['all', 'dead', 'saturated', 'not_finite'] as const;
export type GalleryFilter = (typeof GALLERY_FILTERS)[number];

export interface GalleryChoice {
  readonly sort: GallerySort;
  readonly filter: GalleryFilter;
  /** Whether each map has the whole of the colours for itself. */
  readonly ownScales: boolean;
  /** The map that similarity is measured against. */
  readonly like: number;
  /** How opaque maps lie over the input of their sample, 0 to 1; null where they stand alone. */
  readonly overlay: number | null;
}

export const DEFAULT_GALLERY: GalleryChoice = {
  sort: 'index',
  filter: 'all',
  ownScales: false,
  like: 0,
  overlay: null,
};

export function galleryText({ sort, filter, ownScales, like, overlay }: GalleryChoice): string {
  const parts = [sort, filter, ownScales ? 'own' : 'shared', like];
  return [...parts, ...(overlay === null ? [] : [overlay])].join('~');
}

export function parseGallery(text: string): GalleryChoice | undefined {
  const [sortText, filterText, scales, likeText, overlayText] = text.split('~');
  const sort = GALLERY_SORTS.find(name => name === sortText);
  const filter = GALLERY_FILTERS.find(name => name === filterText);
  const like = /^\d+$/.test(likeText ?? '') ? Number(likeText) : 0;
  const opacity = /^[01](\.\d+)?$/.test(overlayText ?? '') ? Number(overlayText) : null;
  const overlay = opacity === null ? null : Math.min(1, opacity);
  return sort && filter && { sort, filter, ownScales: scales === 'own', like, overlay };
}
