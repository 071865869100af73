import { useEffect, useRef } from 'preact/hooks';

import type { Readout } from './readout';
import type { OnHover } from './types';

/** Reports what is hovered whenever it changes in words, and nothing once the picture is gone. */
export function useReport(readout: Readout | null, onHover: OnHover | undefined): void {
  const reported = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (reported.current === readout?.text) return;
    reported.current = readout?.text;
    onHover?.(readout);
  }, [readout, onHover]);

  const latest = useRef(onHover);
  latest.current = onHover;
  useEffect(
    () => () => {
      if (reported.current !== undefined) latest.current?.(null);
    },
    [],
  );
}
