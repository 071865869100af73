import { useEffect, useRef } from 'preact/hooks';
import type { SampleImage } from './sampleImage';

interface Props {
  image: SampleImage;
  /** What it is of. */
  label: string;
  /** What its colours mean. */
  title: string;
}

/** A small picture, cell by cell. */
export function Thumbnail({ image, label, title }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const target = canvas.current;
    if (target === null) return;
    target.width = image.width;
    target.height = image.height;
    const context = target.getContext('2d');
    const pixels = new ImageData(image.width, image.height);
    pixels.data.set(image.rgba);
    context?.putImageData(pixels, 0, 0);
  }, [image]);
  return <canvas ref={canvas} class="lv-thumbnail" role="img" aria-label={label} title={title} />;
}
