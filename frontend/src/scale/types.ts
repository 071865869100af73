/** The words that everything which draws has in common. Pure data: no DOM, no framework. */

/**
 * The elements of an array as they came: `bool` is a Uint8Array of 0 and 1, `float16` and
 * `bfloat16` are widened to Float32Array. Elements are never changed in place: pictures of them
 * are cached by identity.
 */
export type Values =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/**
 * A strided two-dimensional view: element (r, c) is `values[offset + r * rowStride + c * colStride]`.
 * Offset and strides count elements, not bytes; slices and transposes of an array need no copy.
 */
export interface Matrix {
  readonly values: Values;
  readonly rows: number;
  readonly cols: number;
  readonly offset: number;
  readonly rowStride: number;
  readonly colStride: number;
}

export const COLOR_MAP_NAMES = [
  'viridis',
  'inferno',
  'magma',
  'plasma',
  'cividis',
  'turbo',
  'Greys',
  'RdBu',
  'PuOr',
  'BrBG',
  'earth',
] as const;
export type ColorMapName = (typeof COLOR_MAP_NAMES)[number];

/**
 * Which finite values get the ends of the colour map: `auto` the least and the greatest, `steps`
 * and `runs` those over all steps, of the shown run or of several, where they are known, `robust`
 * two percentiles, `symmetric` -m and m with m the greatest magnitude, `fixed` two given numbers.
 */
export const RANGE_MODES = ['auto', 'steps', 'runs', 'robust', 'symmetric', 'fixed'] as const;
export type RangeMode = (typeof RANGE_MODES)[number];

/** How values are spread between the ends: evenly, by logarithm, or by a two-sided logarithm. */
export const TRANSFORMS = ['linear', 'log', 'symlog'] as const;
export type Transform = (typeof TRANSFORMS)[number];

/** What the user chose. An end of `fixed` that is not finite is taken from the data. */
export interface ScaleSettings {
  readonly map: ColorMapName;
  readonly reversed: boolean;
  readonly mode: RangeMode;
  readonly fixed: readonly [number, number];
  /** Of `robust`, 0 to 100, the lower first. */
  readonly percentiles: readonly [number, number];
  readonly transform: Transform;
}

/**
 * Settings resolved against data. `lo` and `hi` are NaN where the data has no finite value to
 * show. `edges` are the 255 ascending inner borders between the 256 colours: a value between `lo`
 * and `hi` has the colour whose place is the number of edges that are not greater than it.
 * `palette` is RGBA bytes by code: the 256 colours, then the special looks (see `looks.ts`).
 */
export interface Scale {
  readonly settings: ScaleSettings;
  readonly lo: number;
  readonly hi: number;
  readonly edges: Float64Array;
  readonly palette: Uint8Array;
}

/** Red, green, blue and alpha, 0 to 255 each. */
export type RGBA = readonly [number, number, number, number];

/** How many elements have which look under a scale. `inside` is all that the colour map shows. */
export interface LookCounts {
  readonly inside: number;
  readonly nan: number;
  readonly posInf: number;
  readonly negInf: number;
  readonly below: number;
  readonly above: number;
}
