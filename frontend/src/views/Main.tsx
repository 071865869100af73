import type { FunctionComponent } from 'preact';
import type { Tensor } from '../contract/messages';
import type { Place } from '../state/address';
import { isDrawable } from '../state/levels';
import { shapeText, tensorLabel } from '../state/names';
import { useApp } from './appContext';
import { ChartsPane } from './ChartsPane';
import { ComparePane } from './ComparePane';
import { FindingsPane } from './FindingsPane';
import { Heading } from './Heading';
import { HealthPane } from './HealthPane';
import { HeatPane } from './HeatPane';
import { LayoutMenu } from './LayoutMenu';
import { PLACE_LABELS } from './labels';
import { Failure, Message } from './Message';
import { NoData } from './NoData';
import { Notices } from './Notices';
import { nearestKeys } from './nearestKeys';
import { Pickers } from './Pickers';
import { SamplesPane } from './SamplesPane';
import { SaveButton } from './SaveSheet';
import { SliceField } from './SliceField';
import { StatisticsPane } from './StatisticsPane';
import { Tabs } from './Tabs';
import { useLasting } from './useLasting';
import { ValuesPane } from './ValuesPane';

function UnknownRun({ name }: { name: string }) {
  const { view, selection } = useApp();
  const runs = view.runs.answer.value?.value.runs ?? [];
  return (
    <Message title="There is no such run" role="alert">
      <p>
        The link names the run <code>{name}</code>, which this TensorBoard does not have, or which
        has no layer data yet. These have:
      </p>
      <ul>
        {runs.map(run => (
          <li key={run.name}>
            <button type="button" class="lv-link" onClick={() => selection.chooseRun(run.name)}>
              {run.name}
            </button>
          </li>
        ))}
      </ul>
    </Message>
  );
}

function UnknownKey({ name }: { name: string }) {
  const { view, selection } = useApp();
  const { tensors = [], modules = [] } = view.shownCatalog.value ?? {};
  const keys = tensors.map(tensor => tensor.key);
  const layer = name.slice(0, name.lastIndexOf('/'));
  const hasLayer = layer !== '' && modules.some(({ path }) => path === layer);
  return (
    <Message title="There is no such tensor in this run" role="alert">
      <p>
        The link names <code>{name}</code>.{' '}
        {hasLayer && (
          <>
            The model has the layer <code>{layer}</code>: no recorded step called it, or this was
            not among the <code>kinds</code> to record.{' '}
          </>
        )}
        The nearest names in this run:
      </p>
      <ul>
        {nearestKeys(name, keys).map(key => (
          <li key={key}>
            <button type="button" class="lv-link" onClick={() => selection.chooseKey(key)}>
              {key}
            </button>
          </li>
        ))}
      </ul>
    </Message>
  );
}

function NotWhole({ tensor }: { tensor: Tensor }) {
  const { selection } = useApp();
  return (
    <div id="lv-pane" class="lv-pane" role="tabpanel">
      <Message
        title="Its elements were not kept"
        actions={
          <button
            type="button"
            class="lv-button lv-button-main"
            onClick={() => {
              selection.tab.value = 'statistics';
            }}
          >
            Show its statistics
          </button>
        }
      >
        <p>
          {tensorLabel(tensor)} of shape {shapeText(tensor.shape)} was too large to be kept whole.
          Its statistics and histograms are exact, over all of its elements.
        </p>
      </Message>
    </div>
  );
}

function Pane({ tensor }: { tensor: Tensor }) {
  const { view, selection, comparison } = useApp();
  if (selection.tab.value === 'statistics') return <StatisticsPane />;
  if (!isDrawable(tensor)) return <NotWhole tensor={tensor} />;
  const error = view.picture.error.value;
  if (error !== null) {
    return (
      <div id="lv-pane" class="lv-pane" role="tabpanel">
        <Failure
          error={error}
          onRetry={() => {
            view.picture.reload();
            if (comparison.picture.error.peek() !== null) comparison.picture.reload();
          }}
        />
      </div>
    );
  }
  if (selection.tab.value === 'compare') return <ComparePane />;
  return selection.tab.value === 'values' ? <ValuesPane /> : <HeatPane />;
}

/** What the page shows of the run as a whole. */
const WHOLE_RUN: Readonly<Record<Place, FunctionComponent | null>> = {
  layer: null,
  samples: SamplesPane,
  findings: FindingsPane,
  health: HealthPane,
  charts: ChartsPane,
};

function Content() {
  const { view, selection } = useApp();
  const runs = view.runs.answer.value?.value.runs;
  const run = view.run.value;
  if (runs === undefined) {
    const error = view.runs.error.value;
    return error && <Failure error={error} onRetry={() => view.runs.reload()} />;
  }
  if (runs.length === 0 || run === null) return <NoData />;
  if (view.runInfo.value === null) return <UnknownRun name={run} />;
  const catalog = view.shownCatalog.value;
  if (catalog === null) {
    const error = view.catalog.error.value;
    return error && <Failure error={error} onRetry={() => view.catalog.reload()} />;
  }
  if (catalog.tensors.length === 0 || catalog.steps.length === 0) {
    return (
      <Message title="Waiting for the first step">
        <p>
          The run <code>{run}</code> is known, and nothing has been recorded in it yet. The first
          step appears here by itself.
        </p>
      </Message>
    );
  }
  const Whole = WHOLE_RUN[selection.place.value];
  if (Whole !== null) {
    return (
      <>
        <h1 class="lv-aside">{PLACE_LABELS[selection.place.value]}</h1>
        <Whole />
      </>
    );
  }
  if (view.missingKey.value !== null) {
    return (
      <>
        <h1 class="lv-aside">{PLACE_LABELS.layer}</h1>
        <UnknownKey name={view.missingKey.value} />
      </>
    );
  }
  const tensor = view.tensor.value;
  if (tensor === null) return null;
  return (
    <>
      <Heading tensor={tensor} />
      <div class="lv-toolbar">
        <Tabs />
        {selection.tab.value !== 'statistics' && <AxisControls key={tensor.key} />}
        {selection.tab.value !== 'statistics' && <Pickers />}
        <SaveButton />
      </div>
      <Pane tensor={tensor} />
    </>
  );
}

/** What of the tensor is shown, and how its axes are laid out. */
function AxisControls() {
  return (
    <>
      <LayoutMenu />
      <SliceField />
    </>
  );
}

/** That something is on its way: in a component of its own, as all around it stays as it is. */
function Progress() {
  const app = useApp();
  const { view, selection, statistics, findings, healthMap, samples, chart } = app;
  const loading =
    (selection.place.value === 'findings' && findings.loading.value) ||
    (selection.place.value === 'samples' && samples.loading.value) ||
    (selection.place.value === 'health' && healthMap.loading.value) ||
    (selection.place.value === 'charts' && chart.loading.value) ||
    view.picture.loading.value ||
    view.catalog.loading.value ||
    (view.runs.loading.value && view.runs.answer.value === null) ||
    (selection.tab.value === 'compare' &&
      [app.comparison.catalog, app.comparison.picture].some(({ loading }) => loading.value)) ||
    (selection.tab.value === 'statistics' &&
      [statistics, app.histograms, app.histogram].some(({ loading }) => loading.value));
  const lasts = useLasting(loading);
  return lasts && <div class="lv-progress" role="progressbar" aria-label="Loading" />;
}

/** The right side: what is known of the shown tensor, or why there is nothing to show. */
export function Main() {
  return (
    <main class="lv-main">
      <Progress />
      <Notices />
      <Content />
    </main>
  );
}
