import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { NdArray } from '../api/npy';
import { sampleImage } from './sampleImage';

/** The input of a sample as a small picture; nothing where it is none. */
export function Thumbnail({ input }: { input: NdArray }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const image = useMemo(() => sampleImage(input), [input]);
  useEffect(() => {
    const target = canvas.current;
    if (target === null || image === null) return;
    target.width = image.width;
    target.height = image.height;
    const context = target.getContext('2d');
    const pixels = new ImageData(image.width, image.height);
    pixels.data.set(image.rgba);
    context?.putImageData(pixels, 0, 0);
  }, [image]);
  if (image === null) return null;
  return (
    <canvas
      ref={canvas}
      class="lv-thumbnail"
      role="img"
      aria-label="Input of this sample"
      title="Input of this sample, from its least value (black) to its greatest (white)"
    />
  );
}
