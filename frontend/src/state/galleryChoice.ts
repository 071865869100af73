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
}

export const DEFAULT_GALLERY: GalleryChoice = {
  sort: 'index',
  filter: 'all',
  ownScales: false,
  like: 0,
};

export function galleryText({ sort, filter, ownScales, like }: GalleryChoice): string {
  return [sort, filter, ownScales ? 'own' : 'shared', like].join('~');
}

export function parseGallery(text: string): GalleryChoice | undefined {
  const [sortText, filterText, scales, likeText] = text.split('~');
  const sort = GALLERY_SORTS.find(name => name === sortText);
  const filter = GALLERY_FILTERS.find(name => name === filterText);
  const like = /^\d+$/.test(likeText ?? '') ? Number(likeText) : 0;
  return sort && filter && { sort, filter, ownScales: scales === 'own', like };
}
