import { useComputed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useApp } from './appContext';
import { HelpSheet } from './HelpSheet';
import { Main } from './Main';
import { ModelSheet } from './ModelSheet';
import { SaveSheet } from './SaveSheet';
import { Sidebar } from './Sidebar';
import { StepBar } from './StepBar';
import { listenForShortcuts } from './shortcuts';

/** The whole page below TensorBoard's own header. */
export function Page() {
  const app = useApp();
  useEffect(() => listenForShortcuts(app), [app]);
  // As a signal it goes right to the element: a drag must not draw the page anew.
  const columns = useComputed(() => `--lv-side: ${app.side.px.value}px`);
  const hasRuns = (app.view.runs.answer.value?.value.runs.length ?? 0) > 0;
  return (
    <div class={app.page.dark.value ? 'lv-root lv-dark' : 'lv-root'}>
      <div class={hasRuns ? 'lv-page' : 'lv-page lv-page-empty'} style={columns}>
        {hasRuns && <Sidebar />}
        <Main />
        {hasRuns && <StepBar />}
      </div>
      <HelpSheet />
      <SaveSheet />
      <ModelSheet />
    </div>
  );
}
