import { type MapFigures, mapFigures, similarity } from '../scale/mapFigures';
import { findExtremes } from '../scale/range';
import type { Figure } from './figure';
import type { GalleryChoice, GalleryFilter } from './galleryChoice';
import { MIN_ELEMENTS } from './mapParts';

/** From this share of elements at the ends of the range on, a map is saturated. */
export const SATURATED = 0.5;

const known = new WeakMap<Figure, readonly MapFigures[]>();

/** The figures of all maps; found once for each figure. */
export function figuresOf(figure: Figure): readonly MapFigures[] {
  const work = findFigures(figure);
  let { done } = work.next();
  while (done !== true) ({ done } = work.next());
  return known.get(figure) ?? [];
}

/** Whether the figures of all maps are there without being waited for. */
export function areKnown(figure: Figure): boolean {
  return known.has(figure) || figure.whole.cols < MIN_ELEMENTS;
}

/** Finds the figures map by map, so that the page can do other things between. */
export function* findFigures(figure: Figure): Generator<undefined, void> {
  if (known.has(figure)) return;
  const { min, max } = findExtremes([figure.whole]);
  const found: MapFigures[] = [];
  for (const { matrix } of figure.maps) {
    found.push(mapFigures(matrix, [min, max]));
    yield;
  }
  known.set(figure, found);
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
  // Before all maps are there nothing is known to sort them by.
  const isAsItIs = sort === 'index' && filter === 'all';
  if (figure.partial !== null || isAsItIs) return figure.maps.map((_, place) => place);
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
