import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from './appContext';

const KEY_STEP_PX = 16;

/** The edge of the column of layers, by which it is made wider: drag it, or use the keys. */
export function SideEdge() {
  const { side } = useApp();
  const { narrowest, widest } = side.limits.value;
  const px = side.px.value;
  // How far from the edge it was taken hold of: it must not jump under the pointer.
  const grip = useRef(0);
  useLayoutEffect(() => {
    const onResize = () => side.fit(window.innerWidth);
    onResize();
    window.addEventListener('resize', onResize);
    return () => window.removeEventListener('resize', onResize);
  }, [side]);

  const reset = () => {
    side.reset();
    side.remember();
  };
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => side.choose(px - KEY_STEP_PX),
    ArrowRight: () => side.choose(px + KEY_STEP_PX),
    Home: () => side.choose(narrowest),
    End: () => side.choose(widest),
    Enter: reset,
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> that is dragged is no line between texts
    <div
      class="lv-side-edge"
      role="separator"
      tabIndex={0}
      aria-label="Width of the layers"
      aria-controls="lv-side"
      aria-orientation="vertical"
      aria-valuenow={px}
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      aria-valuetext={`${px} pixels`}
      title="Drag to make the layers wider; double click for the default"
      onKeyDown={event => {
        const act = actions[event.key];
        if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        act();
        side.remember();
      }}
      // The keys stay with what had them: a drag is no reason for arrows to mean something else.
      onMouseDown={event => event.preventDefault()}
      onPointerDown={event => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        grip.current = px - event.clientX;
      }}
      onPointerMove={event => {
        const drags = event.currentTarget.hasPointerCapture(event.pointerId);
        if (drags) side.choose(event.clientX + grip.current);
      }}
      onLostPointerCapture={() => side.remember()}
      onDblClick={reset}
    />
  );
}
