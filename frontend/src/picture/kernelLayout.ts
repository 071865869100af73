/** Free space between kernels, in cells. */
export const KERNEL_GAP = 1;
/**
 * The least cell, in CSS pixels, at which one can see what is inside a kernel: at 1.5 some of a
 * kernel's rows get twice the pixels of others.
 */
const READABLE_CELL = 2;
/** An upright grid may be so many times higher than the pane: the rest is one page of scrolling. */
const MAX_PANES = 2;

export interface KernelLayout {
  /** Whether output channels run to the right instead of downwards. */
  readonly isTurned: boolean;
  /** The height that the cells may take, in CSS pixels. */
  readonly height: number;
}

/**
 * Output channels are rows and input channels columns, as in the weight of a linear layer. Where
 * cells would be too small to be read that way, the grid may be higher than the pane; and where
 * that does not do either and they are larger the other way round, as pages are wider than high,
 * it is turned.
 *
 * Looked at with 3 x 3 kernels on screens of 1280 x 800 and 1920 x 1080: 64 x 32 and 64 x 64 are
 * upright on both, at 2 pixels a cell (turned, the former would have 3 and 5, but from layer to
 * layer the axes would change places); 512 x 256 is turned on both, an overview of half a pixel a
 * cell instead of a fifth. Kernels of one input channel are a gallery and do not come here.
 *
 * @param shape output channels, input channels, rows and columns of a kernel.
 * @param width of the room, in CSS pixels.
 * @param height of the room, in CSS pixels.
 */
export function layOutKernels(
  shape: readonly [number, number, number, number],
  width: number,
  height: number,
): KernelLayout {
  const [out, into, rows, cols] = shape;
  // Kernels of one element make a matrix, which is drawn as any other.
  if (rows * cols === 1) return { isTurned: false, height };
  const extent = (channels: number, cells: number) => channels * (cells + KERNEL_GAP) - KERNEL_GAP;
  const cellIn = (down: number, across: number, most: number) =>
    Math.min(most / down, width / across);

  const [down, across] = [extent(out, rows), extent(into, cols)];
  const readable = Math.min(READABLE_CELL, width / across);
  if (down * readable <= height * MAX_PANES) {
    return { isTurned: false, height: Math.max(height, down * readable) };
  }
  const turned = cellIn(extent(into, rows), extent(out, cols), height);
  return { isTurned: turned > cellIn(down, across, height), height };
}
