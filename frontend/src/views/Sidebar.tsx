import { keptWords } from '../state/steps';
import { useApp } from './appContext';
import { HelpButton } from './HelpSheet';
import { Icon } from './Icon';
import { ModelButton } from './ModelSheet';
import { Pinned } from './Pinned';
import { Places } from './Places';
import { SideEdge } from './SideEdge';
import { TreeView } from './TreeView';
import { useKeyText } from './useKeyText';

function RunSelector() {
  const { view, selection } = useApp();
  const runs = view.runs.answer.value?.value.runs ?? [];
  const shown = view.run.value ?? '';
  const info = view.runInfo.value;
  return (
    <label class="lv-run-name">
      <span class="lv-muted">Run</span>
      <select
        class="lv-field"
        value={shown}
        onChange={event => selection.chooseRun(event.currentTarget.value)}
      >
        {info === null && <option value={shown}>{shown}</option>}
        {runs.map(run => (
          <option key={run.name} value={run.name}>
            {run.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Filter() {
  const { tree } = useApp();
  const toggleName = tree.isAnyOpen ? 'Close all layers' : 'Open all layers';
  return (
    <div class="lv-filter">
      <Icon name="search" />
      <input
        id="lv-filter"
        class="lv-field"
        type="search"
        placeholder="fc1, *.weight, is:bad"
        aria-label="Filter layers"
        title="Text, a glob (*.weight) or /a regular expression/; class:Linear, kind:grad, is:bad (NaN, Inf, or a finding); words together"
        aria-invalid={tree.error.value !== null}
        autocomplete="off"
        spellcheck={false}
        value={tree.filter.value}
        onInput={event => {
          tree.filter.value = event.currentTarget.value;
        }}
        onKeyDown={event => {
          if (event.key === 'Escape') tree.filter.value = '';
        }}
      />
      <button
        type="button"
        class="lv-button lv-icon-button"
        title={toggleName}
        aria-label={toggleName}
        onClick={() => tree.setAllOpen(!tree.isAnyOpen)}
      >
        <Icon name="collapse" />
      </button>
      <ModelButton />
    </div>
  );
}

/** Where something that is not finite came first: the question of everyone whose loss went NaN. */
function FirstBad() {
  const { summary, selection } = useApp();
  const textOf = useKeyText();
  const first = summary.health.value?.first;
  if (!first) return null;
  const show = () => {
    selection.goTo(first.key, first.step);
  };
  return (
    <div class="lv-first-bad">
      <span class="lv-bad-mark" aria-hidden="true">
        !
      </span>
      <span>
        NaN or Inf first at{' '}
        <button type="button" class="lv-link" onClick={show}>
          step {first.step}, {textOf(first.key)}
        </button>
      </span>
    </div>
  );
}

function Problems() {
  const { view } = useApp();
  const skipped = view.runInfo.value?.skipped ?? 0;
  const problems = [...(view.shownCatalog.value?.problems ?? [])];
  if (skipped > 0) {
    problems.unshift(
      `${skipped} ${skipped === 1 ? 'step was' : 'steps were'} not recorded: the disk could not keep up.`,
    );
  }
  const kept = view.shownCatalog.value?.kept ?? null;
  if (kept !== null) problems.unshift(keptWords(kept));
  if (problems.length === 0) return null;
  return (
    <details class="lv-problems">
      <summary>
        <Icon name="warning" />
        {problems.length === 1 ? '1 note on this run' : `${problems.length} notes on this run`}
      </summary>
      <ul>
        {problems.map(problem => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </details>
  );
}

/** The left column: which run, and which of its layers. */
export function Sidebar() {
  const { tree, view } = useApp();
  const nothingFound = tree.filter.value !== '' && tree.rows.value.length === 0;
  return (
    <nav id="lv-side" class="lv-side" aria-label="Runs and layers">
      <div class="lv-run">
        <RunSelector />
        <HelpButton />
      </div>
      <Places />
      <Filter />
      <FirstBad />
      <Pinned />
      {tree.error.value !== null && (
        <p class="lv-nothing-found" role="alert">
          {tree.error.value}
        </p>
      )}
      {nothingFound ? (
        <p class="lv-nothing-found">
          No layer or tensor matches.{' '}
          <button
            type="button"
            class="lv-link"
            onClick={() => {
              tree.filter.value = '';
            }}
          >
            Show all
          </button>
        </p>
      ) : (
        view.shownCatalog.value && <TreeView />
      )}
      <Problems />
      <SideEdge />
    </nav>
  );
}
