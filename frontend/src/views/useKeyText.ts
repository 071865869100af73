import { keyText } from '../state/names';
import { useApp } from './appContext';

/**
 * How keys are read: the model itself has the name of its class. That is known of the shown run;
 * the model of another `run` may be of another class, and is called the model.
 */
export function useKeyText(): (key: string, run?: string) => string {
  const { view } = useApp();
  const modules = view.shownCatalog.value?.modules ?? [];
  const root = modules.find(({ path }) => path === '')?.class_name;
  const shown = view.run.value;
  return (key, run) => keyText(key, run === undefined || run === shown ? root : undefined);
}
