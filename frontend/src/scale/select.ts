/** Below this many elements a plain partition is faster than sampling first. */
const SAMPLING_THRESHOLD = 600;

/**
 * Moves the k-th smallest element (0-based) to place k, the smaller ones before it and the larger
 * ones behind it, and returns it. The array must hold no NaN. Expected time is linear: about
 * n + min(k, n - k) comparisons.
 *
 * Floyd and Rivest, "Expected time bounds for selection", Communications of the ACM 18 (1975).
 *
 * @throws RangeError where there is no k-th element.
 */
export function selectInPlace(items: Float32Array | Float64Array, k: number): number {
  if (!(k >= 0 && k < items.length)) {
    throw new RangeError(`selectInPlace: expected a place below ${items.length}, received ${k}`);
  }
  narrow(items, k, 0, items.length - 1);
  return items[k] as number;
}

function narrow(items: Float32Array | Float64Array, k: number, from: number, to: number): void {
  let left = from;
  let right = to;
  while (right > left) {
    if (right - left > SAMPLING_THRESHOLD) {
      // A sample of about n^(2/3) elements around k brings a pivot that is very likely next to it.
      const n = right - left + 1;
      const i = k - left + 1;
      const z = Math.log(n);
      const s = 0.5 * Math.exp((2 * z) / 3);
      const deviation = 0.5 * Math.sqrt((z * s * (n - s)) / n) * Math.sign(i - n / 2);
      narrow(
        items,
        k,
        Math.max(left, Math.floor(k - (i * s) / n + deviation)),
        Math.min(right, Math.floor(k + ((n - i) * s) / n + deviation)),
      );
    }
    const pivot = items[k] as number;
    let i = left;
    let j = right;
    while (i <= j) {
      while ((items[i] as number) < pivot) i++;
      while ((items[j] as number) > pivot) j--;
      if (i <= j) {
        const swapped = items[i] as number;
        items[i] = items[j] as number;
        items[j] = swapped;
        i++;
        j--;
      }
    }
    // Everything between j and i equals the pivot.
    if (j < k) left = i;
    if (k < i) right = j;
  }
}
