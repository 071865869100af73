/** The components that draw tensors. They know their props and nothing of the page around them. */
import legendStyles from './legend.css?inline';
import pictureStyle from './picture.css?inline';
import tableStyles from './table.css?inline';

export { ColorBar } from './ColorBar';
export { Gallery } from './Gallery';
export { Heatmap } from './Heatmap';
export { KernelGrid } from './KernelGrid';
export { PICTURE_KEYS } from './keys';
export { Legend } from './Legend';
export { Looks } from './Looks';
export { rehearseGallery } from './rehearsal';
export { Strip } from './Strip';
export { TileMap, type TileStatus } from './TileMap';
export type { Tile, TileSource } from './tileCache';
export { cellOf } from './tileScene';
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
  OnPick,
  StripProps,
  ValueTableProps,
} from './types';
export type { Underlay } from './underlay';
export { KnownWidth } from './useRoom';
export { type Tiles, useTiles } from './useTiles';
export type { Region } from './useView';
export { ValueTable } from './ValueTable';

/** The style sheet of all of them; its colours are the custom properties of the page. */
export const pictureStyles = [pictureStyle, legendStyles, tableStyles].join('\n');
