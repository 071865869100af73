import type { NdArray } from '../api/npy';
import type { Underlay } from '../picture';
import type { Figure } from '../state/figure';
import type { GalleryChoice } from '../state/galleryChoice';
import { SAMPLE_AXIS } from '../state/roles';
import { lookOf } from '../state/sampleLook';
import { type SampleImage, sampleImage } from './sampleImage';

const known = new WeakMap<NdArray, SampleImage | null>();

/** The input of a sample as a picture; null where it is none. Found once for each input. */
export function inputImage(input: NdArray): SampleImage | null {
  let image = known.get(input);
  if (image === undefined) {
    const look = lookOf(input);
    image = look?.kind === 'picture' ? sampleImage(look.image) : null;
    known.set(input, image);
  }
  return image;
}

/** Whether a figure is of feature maps, whose rows and columns are those of an input. */
export function areMaps(figure: Figure): boolean {
  const { layout, request, rowAxis, colAxis } = figure;
  const { plan, tensor } = request;
  const isOfSample = tensor.kind !== 'sample' && tensor.axes.includes(SAMPLE_AXIS);
  const isOfPixels = rowAxis.title === 'Row' && colAxis.title === 'Column';
  const isWhole = [plan.rowAxis, plan.colAxis].every(axis => {
    const extent = axis === null ? 0 : tensor.shape[axis];
    return axis !== null && String(plan.spans[axis]) === String([0, extent]);
  });
  return layout === 'gallery' && isOfSample && isOfPixels && isWhole;
}

/** What lies below the maps of a figure; undefined where nothing is to, or they are no maps of it. */
export function underlayOf(
  figure: Figure,
  input: NdArray | null,
  { overlay }: GalleryChoice,
): Underlay | undefined {
  if (overlay === null || input === null || !areMaps(figure)) return undefined;
  const image = inputImage(input);
  return image === null ? undefined : { image, opacity: overlay };
}
