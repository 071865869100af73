interface Props {
  isZoomed: boolean;
  onZoomIn: () => void;
  onZoomOut: () => void;
  onReset: () => void;
}

/** The zoom for those who do not guess at wheel and keys; the titles teach them. */
export function ZoomButtons({ isZoomed, onZoomIn, onZoomOut, onReset }: Props) {
  return (
    <span class="lv-zoom">
      <button type="button" aria-label="Zoom in" title="Zoom in (wheel, +)" onClick={onZoomIn}>
        +
      </button>
      <button
        type="button"
        aria-label="Zoom out"
        title="Zoom out (wheel, -)"
        disabled={!isZoomed}
        onClick={onZoomOut}
      >
        −
      </button>
      <button
        type="button"
        title="Show everything (double click, 0)"
        disabled={!isZoomed}
        onClick={onReset}
      >
        Fit
      </button>
    </span>
  );
}
