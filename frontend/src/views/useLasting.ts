import { useEffect, useState } from 'preact/hooks';

/** What takes less is over before it is seen: to show it would be work for nothing. */
const SEEN_MS = 150;

/** Whether something is so, and has been for long enough to be told of. */
export function useLasting(isSo: boolean): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!isSo) return;
    const timer = setTimeout(() => setLasts(true), SEEN_MS);
    return () => {
      clearTimeout(timer);
      setLasts(false);
    };
  }, [isSo]);
  return isSo && lasts;
}
