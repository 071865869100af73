import type { NdArray } from '../api/npy';

export interface SampleImage {
  width: number;
  height: number;
  /** Four bytes a pixel, row by row. */
  rgba: Uint8ClampedArray;
}

const RGB_CHANNELS = 3;
const FULL = 255;
/** What is not finite in a sample is seen as such even in a thumbnail. */
const NON_FINITE_RGB = [255, 0, 200] as const;

function finiteRange(values: NdArray['values']): [number, number] {
  let [min, max] = [Infinity, -Infinity];
  for (const element of values) {
    const value = Number(element);
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return [min, max];
}

/**
 * A sample as a picture: rows and columns, or one or more channels of them (channels first; of four
 * the first three), from its least value, black, to its greatest, white. Null for what is no picture.
 */
export function sampleImage({ values, shape, strides }: NdArray): SampleImage | null {
  const isPlane = shape.length === 2;
  const channels = isPlane ? 1 : (shape[0] ?? 0);
  if (!isPlane && (shape.length !== 3 || (channels !== 1 && channels < RGB_CHANNELS))) return null;
  const [height = 0, width = 0] = shape.slice(-2);
  const [rowStride = 0, colStride = 0] = strides.slice(-2);
  if (width * height === 0) return null;
  const channelStride = channels === 1 ? 0 : (strides[0] ?? 0);
  const [min, max] = finiteRange(values);
  const span = max - min || 1;
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      const pixel = (row * width + col) * 4;
      for (let channel = 0; channel < RGB_CHANNELS; channel++) {
        const at = row * rowStride + col * colStride + channel * channelStride;
        const value = Number(values[at]);
        rgba[pixel + channel] = Number.isFinite(value)
          ? ((value - min) / span) * FULL
          : (NON_FINITE_RGB[channel] ?? FULL);
      }
      rgba[pixel + RGB_CHANNELS] = FULL;
    }
  }
  return { width, height, rgba };
}
