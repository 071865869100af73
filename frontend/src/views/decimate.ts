/** A place in a chart, in CSS pixels. */
export type Point = readonly [x: number, y: number];

/**
 * Points of ascending x as a line that looks the same and has at most four of them a pixel: the
 * first, the least, the greatest and the last one there, so that no extreme is lost.
 */
export function decimated(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  let start = 0;
  while (start < points.length) {
    const pixel = Math.floor(points[start]?.[0] ?? 0);
    let end = start + 1;
    while (end < points.length && Math.floor(points[end]?.[0] ?? 0) === pixel) end += 1;
    const here = points.slice(start, end);
    let [least, greatest] = [0, 0];
    here.forEach(([, y], place) => {
      if (y < (here[least]?.[1] ?? y)) least = place;
      if (y > (here[greatest]?.[1] ?? y)) greatest = place;
    });
    const places = [...new Set([0, least, greatest, here.length - 1])].sort((a, b) => a - b);
    for (const place of places) kept.push(here[place] as Point);
    start = end;
  }
  return kept;
}

/** The points of each stretch without a gap, which null is; undefined is no point and no gap. */
export function stretches(
  places: ArrayLike<number>,
  values: ArrayLike<number | null | undefined>,
  toPoint: (place: number, value: number) => Point,
): Point[][] {
  const found: Point[][] = [];
  let current: Point[] = [];
  for (let i = 0; i < places.length; i++) {
    const value = values[i];
    if (value === undefined) continue;
    if (value !== null) current.push(toPoint(places[i] ?? 0, value));
    else if (current.length > 0) {
      found.push(current);
      current = [];
    }
  }
  return current.length > 0 ? [...found, current] : found;
}
