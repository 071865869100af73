/** A picture that maps are laid over. */
export interface Underlay {
  readonly image: {
    readonly width: number;
    readonly height: number;
    /** Four bytes a pixel, row by row. */
    readonly rgba: Uint8ClampedArray;
  };
  /** Of the maps: 0 shows the picture alone, 1 the maps. */
  readonly opacity: number;
}

const drawn = new WeakMap<Underlay['image'], HTMLCanvasElement>();

/** The picture on a canvas of its own size; drawn once. */
function canvasOf(image: Underlay['image']): HTMLCanvasElement {
  let canvas = drawn.get(image);
  if (canvas === undefined) {
    canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const pixels = new ImageData(image.width, image.height);
    pixels.data.set(image.rgba);
    canvas.getContext('2d')?.putImageData(pixels, 0, 0);
    drawn.set(image, canvas);
  }
  return canvas;
}

/** Places and sizes in device pixels. */
interface Places {
  readonly width: number;
  readonly height: number;
  readonly places: readonly (readonly [x: number, y: number])[];
  readonly mapWidth: number;
  readonly mapHeight: number;
}

/** Draws the picture behind each map, stretched to its size. */
export function paintUnderlay(
  canvas: HTMLCanvasElement,
  image: Underlay['image'],
  { width, height, places, mapWidth, mapHeight }: Places,
): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const source = canvasOf(image);
  for (const [x, y] of places) context.drawImage(source, x, y, mapWidth, mapHeight);
}
