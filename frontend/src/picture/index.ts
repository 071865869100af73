/** The components that draw tensors. They know their props and nothing of the page around them. */
export { Gallery } from './Gallery';
export { Heatmap } from './Heatmap';
export { KernelGrid } from './KernelGrid';
export { Legend } from './Legend';
export { default as pictureStyles } from './picture.css?inline';
export { Strip } from './Strip';
export type {
  Axis,
  GalleryMap,
  GalleryProps,
  HeatmapProps,
  Hover,
  KernelGridProps,
  Kernels,
  LegendProps,
  OnHover,
  StripProps,
  ValueTableProps,
} from './types';
export { ValueTable } from './ValueTable';
