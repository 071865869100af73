import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Movement, in CSS pixels, from which a press is a drag and no click. */
const DRAG_THRESHOLD = 3;
/** Zoom per pixel of wheel movement: a notch of 100 pixels is about a quarter. */
const WHEEL_RATE = 0.0022;
/** A trackpad's pinch arrives as a wheel of small steps with Ctrl held. */
const PINCH_WHEEL_RATE = 0.01;
/** How long the place of the element is taken for known while a wheel turns, in milliseconds. */
const WHEEL_PLACE_MS = 250;
/** What one line of a wheel that counts in lines is worth, in pixels. */
const WHEEL_LINE = 16;

/** What gestures do. Places are in CSS pixels from the element's corner. */
export interface GestureActions {
  /** Returns whether the view changed: where it did not, the page keeps its scrolling. */
  readonly zoom: (factor: number, x: number, y: number) => boolean;
  /** Returns whether the view changed, as `zoom` does. */
  readonly pan: (dx: number, dy: number) => boolean;
  /** The pointer is over a place, or, with null, nowhere. */
  readonly point: (x: number, y: number) => void;
  readonly leave: () => void;
  /** A press that was no drag. */
  readonly click?: ((x: number, y: number) => void) | undefined;
}

interface Touch {
  x: number;
  y: number;
}

/** Wheel, drag and pinch on an element. */
export function useGestures(ref: RefObject<HTMLElement | null>, actions: GestureActions): void {
  const latest = useRef(actions);
  latest.current = actions;

  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const touches = new Map<number, Touch>();
    let dragging = false;

    const placeOf = (event: MouseEvent): Touch => {
      const box = element.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };

    // To ask for a place lays the page out anew, which is most of a frame while it is being zoomed.
    let box = element.getBoundingClientRect();
    let askedAt = Number.NEGATIVE_INFINITY;
    const wheelPlace = (event: WheelEvent): Touch => {
      if (event.timeStamp - askedAt > WHEEL_PLACE_MS) {
        box = element.getBoundingClientRect();
        askedAt = event.timeStamp;
      }
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };

    const onWheel = (event: WheelEvent) => {
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE : 1;
      const rate = event.ctrlKey ? PINCH_WHEEL_RATE : WHEEL_RATE;
      if (!event.ctrlKey && Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        // Two fingers sideways on a trackpad, or a wheel with Shift held.
        if (latest.current.pan(-event.deltaX * lines, 0)) event.preventDefault();
        return;
      }
      const { x, y } = wheelPlace(event);
      const factor = Math.exp(-event.deltaY * lines * rate);
      const changed = latest.current.zoom(factor, x, y);
      // A pinch that cannot zoom the picture further must not zoom the page instead.
      if (changed || event.ctrlKey) event.preventDefault();
    };

    const onDown = (event: PointerEvent) => {
      if (event.button !== 0) return;
      touches.set(event.pointerId, placeOf(event));
      dragging = false;
    };

    const onMove = (event: PointerEvent) => {
      const place = placeOf(event);
      const before = touches.get(event.pointerId);
      if (before === undefined) {
        latest.current.point(place.x, place.y);
        return;
      }
      const [first, second] = [...touches.values()];
      if (first !== undefined && second !== undefined) {
        const other = before === first ? second : first;
        const from = Math.hypot(before.x - other.x, before.y - other.y);
        const to = Math.hypot(place.x - other.x, place.y - other.y);
        if (from > 0 && to > 0) latest.current.zoom(to / from, other.x, other.y);
        touches.set(event.pointerId, place);
        return;
      }
      const dx = place.x - before.x;
      const dy = place.y - before.y;
      if (!dragging && Math.hypot(dx, dy) < DRAG_THRESHOLD) return;
      if (!dragging) element.setPointerCapture(event.pointerId);
      dragging = true;
      touches.set(event.pointerId, place);
      latest.current.leave();
      latest.current.pan(dx, dy);
    };

    const onUp = (event: PointerEvent) => {
      const wasAlone = touches.size === 1 && touches.delete(event.pointerId);
      const place = placeOf(event);
      if (wasAlone && !dragging && event.type === 'pointerup') {
        latest.current.click?.(place.x, place.y);
      }
      touches.delete(event.pointerId);
      dragging = false;
    };

    /** Two fingers are ours, or the page would take them for its own scrolling. */
    const onTouchMove = (event: TouchEvent) => {
      if (event.touches.length > 1) event.preventDefault();
    };

    const onLeave = (event: PointerEvent) => {
      touches.delete(event.pointerId);
      latest.current.leave();
    };

    element.addEventListener('wheel', onWheel, { passive: false });
    element.addEventListener('touchmove', onTouchMove, { passive: false });
    element.addEventListener('pointerdown', onDown);
    element.addEventListener('pointermove', onMove);
    element.addEventListener('pointerup', onUp);
    element.addEventListener('pointercancel', onUp);
    element.addEventListener('pointerleave', onLeave);
    return () => {
      element.removeEventListener('wheel', onWheel);
      element.removeEventListener('touchmove', onTouchMove);
      element.removeEventListener('pointerdown', onDown);
      element.removeEventListener('pointermove', onMove);
      element.removeEventListener('pointerup', onUp);
      element.removeEventListener('pointercancel', onUp);
      element.removeEventListener('pointerleave', onLeave);
    };
  }, [ref]);
}
