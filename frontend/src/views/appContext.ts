import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { App } from '../state/app';

export const AppContext = createContext<App | null>(null);

/** The state of the page. @throws Error outside of the page. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('useApp: expected a page around the component, received none');
  return app;
}
