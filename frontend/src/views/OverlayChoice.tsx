import { useMemo } from 'preact/hooks';
import type { NdArray } from '../api/npy';
import { useApp } from './appContext';
import { inputImage } from './underlay';

const FIRST_OPACITY = 0.6;
const PERCENT = 100;

/** Lays feature maps over the picture that the network was given, as opaque as one likes. */
export function OverlayChoice({ input }: { input: NdArray | null }) {
  const { selection } = useApp();
  const image = useMemo(() => input && inputImage(input), [input]);
  if (image === null) return null;
  const gallery = selection.gallery.value;
  const { overlay } = gallery;
  const change = (opacity: number | null) => {
    selection.gallery.value = { ...gallery, overlay: opacity };
  };
  return (
    <span class="lv-joined">
      <label class="lv-picker" title="The maps are stretched to the size of the input">
        <input
          type="checkbox"
          checked={overlay !== null}
          onChange={event => change(event.currentTarget.checked ? FIRST_OPACITY : null)}
        />
        over the input
      </label>
      {overlay !== null && (
        <label class="lv-picker">
          opacity
          <input
            type="range"
            min="0"
            max={PERCENT}
            value={Math.round(overlay * PERCENT)}
            onInput={event => change(Number(event.currentTarget.value) / PERCENT)}
          />
        </label>
      )}
    </span>
  );
}
