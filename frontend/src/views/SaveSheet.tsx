import type { Figure } from '../state/figure';
import { fileStem, pythonOf, takenOf } from '../state/takeAway';
import { useApp } from './appContext';
import { CopyButton } from './CopyButton';
import { SaveCharts, SaveStatistics } from './SaveCharts';
import { SaveNumbers } from './SaveNumbers';
import { SavePicture } from './SavePicture';
import { Sheet, SheetButton } from './Sheet';

/** The tensor that is shown: its picture, its numbers, and code that loads them. */
function OfTensor({ figure }: { figure: Figure }) {
  const { view, selection } = useApp();
  const opened = selection.map.value;
  const map = opened === null || figure.maps.length < 2 ? undefined : figure.maps[opened];
  const taken = takenOf(figure, map, selection.region.value);
  const directory = view.shownCatalog.value?.directory ?? taken.run;
  const python = pythonOf(taken, directory);
  const tab = selection.tab.value;
  const isPicture = tab === 'heat' || tab === 'compare';
  const stem = tab === 'compare' ? `${fileStem(taken)}_compared` : fileStem(taken);
  return (
    <>
      {isPicture && (
        <SavePicture parts={['.lv-heading-words', '#lv-pane', '.lv-legend-bar']} stem={stem} />
      )}
      <SaveNumbers tensor={figure.request.tensor} taken={taken} />
      <section>
        <h3>Python that loads exactly this</h3>
        <pre class="lv-snippet">{python}</pre>
        <CopyButton text={python} what="the Python code" label="Copy" />
      </section>
    </>
  );
}

/** What of the page can be taken away. */
function Contents() {
  const { view, selection } = useApp();
  const figure = view.figure.value;
  switch (selection.place.value) {
    case 'layer':
      if (selection.tab.value === 'statistics') return <SaveStatistics />;
      return figure && <OfTensor figure={figure} />;
    case 'charts':
      return <SaveCharts />;
    case 'samples':
      return <SavePicture parts={['.lv-samples']} stem={`samples_step${view.step.value}`} />;
    case 'health': {
      const { measure, group } = selection.health.value;
      return <SavePicture parts={['.lv-health']} stem={`health_${measure}_${group}`} />;
    }
    default:
      return null;
  }
}

/** The sheet of all that can be taken away. */
export function SaveSheet() {
  const { page } = useApp();
  return (
    <Sheet name="save" title="Save" class="lv-save-sheet">
      <Contents />
      <section>
        <h3>A link to this view</h3>
        <CopyButton text={page.address()} what="the link to this view" label="Copy the link" />
      </section>
    </Sheet>
  );
}

/** Opens the sheet of what can be taken away. */
export function SaveButton() {
  const { canSave } = useApp();
  if (!canSave.value) return null;
  return (
    <SheetButton
      name="save"
      class="lv-save-button"
      title="Save the picture, its numbers, code or a link (S)"
    >
      Save…
    </SheetButton>
  );
}
