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
  const hasRuns = (app.view.runs.answer.value?.value.runs.length ?? 0) > 0;
  return (
    <div class={app.page.dark.value ? 'lv-root lv-dark' : 'lv-root'}>
      <div class={hasRuns ? 'lv-page' : 'lv-page lv-page-empty'}>
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
