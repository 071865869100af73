import { DETAIL_VIEWS, type DetailView } from '../state/detailChoice';
import { type Counterpart, nearestRight } from '../state/nearest';
import type { SampleRow } from '../state/sampleRow';
import { className, percentWords } from '../state/verdictWords';
import { AnswerList } from './AnswerList';
import { useApp } from './appContext';
import { ContributionsView } from './ContributionsView';
import { SampleLook } from './SampleLook';
import { counterpartWords } from './SamplesTable';
import { SampleWay } from './SampleWay';
import { Segments } from './Segments';

const VIEW_LABELS: Readonly<Record<DetailView, string>> = {
  way: 'Layer by layer',
  carried: 'What carried the answer',
};

/** One sample with what was asked and answered, large. */
function Side({ row, letter }: { row: SampleRow; letter: string }) {
  const { view } = useApp();
  const labels = view.shownCatalog.value?.labels ?? [];
  const { verdict, input, target, prediction, name } = row;
  const asked =
    verdict.isRight === false && verdict.task === 'classes' ? verdict.target?.[0] : null;
  return (
    <div class="lv-case-side">
      {input && <SampleLook array={input} label={`Input of ${name}`} />}
      <div>
        <h3>
          <span class="lv-muted">{letter}</span> {name}
        </h3>
        <AnswerList verdict={verdict} target={target} prediction={prediction}>
          {asked != null && verdict.ofTarget !== null && (
            <div>
              <dt>gave</dt>
              <dd>
                {percentWords(verdict.ofTarget)} to {className(asked, labels)}
              </dd>
            </div>
          )}
        </AnswerList>
      </div>
    </div>
  );
}

function Proposal({ like, beside }: { like: Counterpart; beside: SampleRow | undefined }) {
  const { selection } = useApp();
  if (beside?.index === like.row.index) {
    return <p class="lv-muted">{counterpartWords(like)}.</p>;
  }
  if (beside !== undefined) return null;
  return (
    <p>
      <button
        type="button"
        class="lv-button"
        title={counterpartWords(like)}
        onClick={() => {
          selection.beside.value = like.row.index;
        }}
      >
        Compare with {like.row.name}, the nearest that is right
      </button>
    </p>
  );
}

/** The chosen sample, and the one beside it: who they are, and how the network came to its answer. */
export function SampleDetail({ rows }: { rows: readonly SampleRow[] }) {
  const { selection } = useApp();
  const chosen = rows[Math.min(selection.sample.value, rows.length - 1)];
  if (chosen === undefined) return null;
  const other = selection.beside.value === null ? undefined : rows[selection.beside.value];
  const beside = other === chosen ? undefined : other;
  const detail = selection.detail.value;
  const like = chosen.verdict.isRight === false ? nearestRight(rows, chosen) : null;
  const name =
    beside === undefined
      ? `The way of ${chosen.name} through the network`
      : `${chosen.name} beside ${beside.name}`;
  return (
    <section class="lv-case" aria-label={name}>
      <h2>{name}</h2>
      <div class="lv-case-sides">
        <Side row={chosen} letter={beside === undefined ? '' : 'A'} />
        {beside !== undefined && (
          <>
            <Side row={beside} letter="B" />
            <button
              type="button"
              class="lv-button"
              onClick={() => {
                selection.beside.value = null;
              }}
            >
              Only {chosen.name}
            </button>
          </>
        )}
      </div>
      {like !== null && <Proposal like={like} beside={beside} />}
      <Segments
        label="What is looked at"
        options={DETAIL_VIEWS}
        value={detail.view}
        labelOf={option => VIEW_LABELS[option]}
        onChange={chosenView => {
          selection.detail.value = { ...detail, view: chosenView };
        }}
      />
      {detail.view === 'way' ? (
        <SampleWay chosen={chosen} beside={beside} />
      ) : (
        <ContributionsView row={chosen} />
      )}
    </section>
  );
}
