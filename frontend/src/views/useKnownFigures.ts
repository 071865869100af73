import { useEffect, useState } from 'preact/hooks';
import type { Figure } from '../state/figure';
import { areKnown, findFigures } from '../state/galleryOrder';

/** So long the page is kept from other things at a time: half a frame. */
const SLICE_MS = 8;

/** Whether the figures of all maps are known. Of very many elements they are found bit by bit. */
export function useKnownFigures(figure: Figure, isAsked: boolean): boolean {
  const [known, setKnown] = useState<Figure | null>(null);
  useEffect(() => {
    if (!isAsked || figure.partial !== null || areKnown(figure)) return;
    const work = findFigures(figure);
    let timer: ReturnType<typeof setTimeout>;
    const go = () => {
      const until = performance.now() + SLICE_MS;
      while (performance.now() < until) {
        if (work.next().done) {
          setKnown(figure);
          return;
        }
      }
      timer = setTimeout(go);
    };
    timer = setTimeout(go);
    return () => clearTimeout(timer);
  }, [figure, isAsked]);
  return figure.partial === null && (known === figure || areKnown(figure));
}
