import { keyText } from '../state/names';
import { useApp } from './appContext';

/** How the keys of the shown run are read: the model itself has the name of its class. */
export function useKeyText(): (key: string) => string {
  const { view } = useApp();
  const modules = view.shownCatalog.value?.modules ?? [];
  const root = modules.find(({ path }) => path === '')?.class_name;
  return key => keyText(key, root);
}
