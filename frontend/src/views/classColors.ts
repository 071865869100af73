import type { NdArray } from '../api/npy';
import type { SampleImage } from './sampleImage';

/** Okabe and Ito's colours, which colour-blind people tell apart, and their lighter kin. */
const COLORS = [
  0x1b1b1b, 0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7, 0x999999,
  0xffd98a, 0xb5def7, 0x7fd6ba, 0x8fb8d8, 0xf2b08a, 0xe8c2d8, 0xffffff,
] as const;
const OPAQUE = 255;

/** A class for each place as a picture: a colour for each class, repeated after sixteen. */
export function classImage({ values, shape }: NdArray): SampleImage | null {
  const [height = 0, width = 0] = shape.filter(extent => extent !== 1);
  if (shape.filter(extent => extent !== 1).length !== 2) return null;
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let place = 0; place < width * height; place++) {
    const color = COLORS[Math.abs(Number(values[place])) % COLORS.length] ?? 0;
    rgba.set([color >> 16, (color >> 8) & OPAQUE, color & OPAQUE, OPAQUE], place * 4);
  }
  return { width, height, rgba };
}
