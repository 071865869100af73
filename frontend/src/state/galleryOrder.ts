import { type MapFigures, mapFigures, similarity } from '../scale/mapFigures';
import { findExtremes } from '../scale/range';
import type { Figure } from './figure';
import type { GalleryChoice, GalleryFilter } from './galleryChoice';

/** From this share of elements at the ends of the range on, a map is saturated. */
export const SATURATED = 0.5;

const known = new WeakMap<Figure, readonly MapFigures[]>();

/** The figures of all maps; found once for each figure. */
export function figuresOf(figure: Figure): readonly MapFigures[] {
  let found = known.get(figure);
  if (found === undefined) {
    const matrices = figure.maps.map(map => map.matrix);
    const { min, max } = findExtremes(matrices);
    found = matrices.map(matrix => mapFigures(matrix, [min, max]));
    known.set(figure, found);
  }
  return found;
}

function passes(figures: MapFigures, filter: GalleryFilter): boolean {
  switch (filter) {
    case 'dead':
      return figures.isConstant;
    case 'saturated':
      // Zeros at the lower end are a rectifier's rest, and dead maps are counted as such.
      return !figures.isConstant && figures.atEnds - figures.zeros >= SATURATED;
    case 'not_finite':
      return figures.nonFinite > 0;
    default:
      return true;
  }
}

/** How many maps each filter leaves. */
export function filterCounts(figure: Figure): Readonly<Record<GalleryFilter, number>> {
  const figures = figuresOf(figure);
  const count = (filter: GalleryFilter) => figures.filter(each => passes(each, filter)).length;
  return {
    all: figures.length,
    dead: count('dead'),
    saturated: count('saturated'),
    not_finite: count('not_finite'),
  };
}

/** The places of the maps that pass, in the order in which they are shown: the greatest first. */
export function galleryOrder(figure: Figure, { sort, filter, like }: GalleryChoice): number[] {
  const figures = figuresOf(figure);
  const places = figures.flatMap((each, place) => (passes(each, filter) ? [place] : []));
  if (sort === 'index') return places;
  const reference = figure.maps[Math.min(like, figure.maps.length - 1)]?.matrix;
  const rank = (place: number): number => {
    const each = figures[place];
    const matrix = figure.maps[place]?.matrix;
    if (each === undefined || matrix === undefined) return Number.NEGATIVE_INFINITY;
    const value =
      sort === 'magnitude'
        ? each.rms
        : sort === 'similarity'
          ? reference && similarity(matrix, reference)
          : each[sort];
    // What cannot be ranked comes last.
    return value === undefined || Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  const ranks = new Map(places.map(place => [place, rank(place)]));
  return places.sort((a, b) => {
    const [of, to] = [ranks.get(a) ?? 0, ranks.get(b) ?? 0];
    return of === to ? a - b : to - of;
  });
}
