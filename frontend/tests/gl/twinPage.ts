// The page of tests/browser/test_shader_twin.py: draws pictures by WebGL2 and by the plain twin,
// and tells where their pixels differ.
import { composePicture, type Placements } from '../../src/gl/compose';
import { gridOfMatrix, type PanelGrid } from '../../src/gl/panelGrid';
import { type Picture, pictureHeight, pictureWidth } from '../../src/gl/picture';
import { rasterize } from '../../src/gl/rasterize';
import { paint, rendererKind } from '../../src/gl/renderer';
import { matrixOf, transposed } from '../../src/scale/matrix';
import { DEFAULT_SETTINGS, resolveScale } from '../../src/scale/scale';
import {
  RANGE_MODES,
  type Scale,
  type ScaleSettings,
  TRANSFORMS,
  type Values,
} from '../../src/scale/types';

const ROWS = 24;
const COLS = 20;
const COUNT = ROWS * COLS;

let state = 12345;
/** Numerical Recipes' linear congruential generator: the same pictures in every run. */
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const EXTREMES = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  1 + 2 ** -23,
  1,
  -1,
];
const DOUBLE_EXTREMES = [...EXTREMES, 5e-324, -5e-324, 1e300, -1e300, 1 + 2 ** -52];

/** Float32 values of every sign, exponent and mantissa, NaNs of every kind among them. */
function randomBits(): Float32Array {
  return new Float32Array(
    Uint32Array.from({ length: COUNT }, () => Math.floor(random() * 2 ** 32)).buffer,
  );
}

function withExtremes<T extends Float32Array | Float64Array>(values: T, extremes: number[]): T {
  extremes.forEach((value, i) => {
    values[(i * 37) % values.length] = value;
  });
  return values;
}

const floats = (make: () => number) => Float32Array.from({ length: COUNT }, make);
const doubles = (make: () => number) => Float64Array.from({ length: COUNT }, make);

const ARRAYS: Record<string, Values> = {
  'float32 normal': floats(normal),
  'float32 with extremes': withExtremes(floats(normal), EXTREMES),
  'float32 random bits': randomBits(),
  'float32 denormal': floats(() => normal() * 1e-42),
  'float32 narrow range': floats(() => 1e6 + Math.floor(random() * 4) / 16),
  'float32 constant': floats(() => 0.25),
  'float32 all zero': floats(() => 0),
  'float32 all NaN': floats(() => Number.NaN),
  'float64 normal': doubles(normal),
  'float64 with extremes': withExtremes(doubles(normal), DOUBLE_EXTREMES),
  'float64 beyond float32': doubles(() => normal() * 1e200),
  'float64 narrower than float32': doubles(() => 1 + random() * 1e-12),
  int8: Int8Array.from({ length: COUNT }, () => random() * 256 - 128),
  uint8: Uint8Array.from({ length: COUNT }, () => random() * 256),
  uint16: Uint16Array.from({ length: COUNT }, () => random() * 65536),
  int32: Int32Array.from({ length: COUNT }, () => (random() - 0.5) * 2 ** 32),
  uint32: Uint32Array.from({ length: COUNT }, () => random() * 2 ** 32),
  int64: BigInt64Array.from({ length: COUNT }, () => BigInt(Math.floor(normal() * 2 ** 60))),
};

const scaled = (scaleY: number, scaleX = scaleY, gap = 0): Placements => ({
  rows: { gap, origin: 0, scale: scaleY },
  cols: { gap, origin: 0, scale: scaleX },
});

function mapsOf(values: Values): PanelGrid {
  // 10 maps of 6 x 8, four side by side: the last row ends early.
  return {
    values,
    offset: 0,
    rows: { panels: 3, cells: 6, panelStride: 4 * 6 * 8, cellStride: 8 },
    cols: { panels: 4, cells: 8, panelStride: 6 * 8, cellStride: 1 },
    panelCount: 10,
  };
}

type Layout = (values: Values, scale: Scale) => Picture;
const matrixGrid = (values: Values) => gridOfMatrix(matrixOf(values, ROWS, COLS));

const LAYOUTS: Record<string, Layout> = {
  'one pixel a cell': (values, scale) =>
    composePicture(matrixGrid(values), scaled(1), COLS, ROWS, scale, true),
  'whole pixels': (values, scale) =>
    composePicture(matrixGrid(values), scaled(5, 6), COLS * 6, ROWS * 5, scale, true),
  'marks in cells of many sizes': (values, scale) =>
    composePicture(matrixGrid(values), scaled(11.7, 9.3), 180, 270, scale, true),
  'zoomed and moved': (values, scale) =>
    composePicture(
      matrixGrid(values),
      {
        rows: { gap: 0, origin: 3.37, scale: 31.4 },
        cols: { gap: 0, origin: 8.9, scale: 17.2 },
      },
      181,
      157,
      scale,
      true,
    ),
  'smaller than the matrix': (values, scale) =>
    composePicture(matrixGrid(values), scaled(0.31, 0.47), 10, 8, scale, true),
  transposed: (values, scale) =>
    composePicture(
      gridOfMatrix(transposed(matrixOf(values, ROWS, COLS))),
      scaled(3),
      ROWS * 3,
      COLS * 3,
      scale,
      false,
    ),
  'maps with gaps': (values, scale) =>
    composePicture(mapsOf(values), scaled(2, 2, 1.5), 75, 45, scale, true),
  'maps smaller than their elements': (values, scale) =>
    composePicture(mapsOf(values), scaled(0.4, 0.4, 3), 18, 10, scale, true),
};

function settingsOf(mode: ScaleSettings['mode'], transform: ScaleSettings['transform']) {
  const fixed: [number, number] = transform === 'log' ? [0.01, 0.9] : [-0.7, 0.9];
  return { ...DEFAULT_SETTINGS, map: 'turbo', mode, transform, fixed } satisfies ScaleSettings;
}

function drawnPixels(picture: Picture): Uint8ClampedArray {
  const canvas = document.createElement('canvas');
  paint(canvas, picture);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context to read pixels from');
  return context.getImageData(0, 0, pictureWidth(picture), pictureHeight(picture)).data;
}

function countDifferences(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let differing = 0;
  for (let at = 0; at < a.length; at += 4) {
    if ([0, 1, 2, 3].some(i => a[at + i] !== b[at + i])) differing++;
  }
  return differing;
}

interface Report {
  pictures: number;
  pixels: number;
  colors: number;
  differing: string[];
}

/** Every array, by every range and transform, in every layout. */
function compareAll(): Report {
  const report: Report = { pictures: 0, pixels: 0, colors: 0, differing: [] };
  const colors = new Set<number>();
  for (const [name, values] of Object.entries(ARRAYS)) {
    const matrix = matrixOf(values, ROWS, COLS);
    for (const mode of RANGE_MODES) {
      for (const transform of TRANSFORMS) {
        const scale = resolveScale(settingsOf(mode, transform), [matrix]);
        for (const [layout, compose] of Object.entries(LAYOUTS)) {
          const picture = compose(values, scale);
          const expected = rasterize(picture);
          const differing = countDifferences(drawnPixels(picture), expected);
          for (const color of new Uint32Array(expected.buffer)) colors.add(color);
          report.pictures++;
          report.pixels += expected.length / 4;
          if (differing > 0) {
            report.differing.push(`${name}, ${mode}, ${transform}, ${layout}: ${differing}`);
          }
        }
      }
    }
  }
  report.colors = colors.size;
  return report;
}

/** An array of several texture pages, with a last line that is not full. */
function comparePages(): number {
  const rows = 1100;
  const cols = 4003;
  const values = Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i * 12.9898));
  const matrix = matrixOf(values, rows, cols);
  const scale = resolveScale(DEFAULT_SETTINGS, [matrix]);
  const last: Placements = {
    rows: { gap: 0, origin: rows - 100, scale: 1 },
    cols: { gap: 0, origin: cols - 200, scale: 1 },
  };
  const picture = composePicture(gridOfMatrix(matrix), last, 200, 100, scale, false);
  return countDifferences(drawnPixels(picture), rasterize(picture));
}

/** Of a picture that is wider than some devices' textures, how many pixels differ from its twin. */
function compareWide(width: number): { differing: number; renderer: string } {
  const values = Float32Array.from({ length: 3 * width }, (_, i) => Math.sin(i * 12.9898));
  const matrix = matrixOf(values, 3, width);
  const scale = resolveScale(DEFAULT_SETTINGS, [matrix]);
  const whole: Placements = {
    rows: { gap: 0, origin: 0, scale: 4 },
    cols: { gap: 0, origin: 0, scale: 1 },
  };
  const picture = composePicture(gridOfMatrix(matrix), whole, width, 12, scale, false);
  const differing = countDifferences(drawnPixels(picture), rasterize(picture));
  return { differing, renderer: rendererKind() };
}

function examplePicture(map: ScaleSettings['map']): Picture {
  const values = ARRAYS['float32 with extremes'] as Float32Array;
  const scale = resolveScale({ ...DEFAULT_SETTINGS, map }, [matrixOf(values, ROWS, COLS)]);
  return composePicture(matrixGrid(values), scaled(9), COLS * 9, ROWS * 9, scale, true);
}

/** How many pixels differ between one map by WebGL2 and another by the twin: nearly all. */
function compareDifferentMaps(): number {
  return countDifferences(
    drawnPixels(examplePicture('viridis')),
    rasterize(examplePicture('RdBu')),
  );
}

/** How many pixels of an example differ from its twin, by whichever renderer draws it. */
function compareExample(): { differing: number; renderer: string } {
  const picture = examplePicture('viridis');
  const differing = countDifferences(drawnPixels(picture), rasterize(picture));
  return { differing, renderer: rendererKind() };
}

Object.assign(window, {
  compareAll,
  comparePages,
  compareWide,
  compareDifferentMaps,
  compareExample,
});
