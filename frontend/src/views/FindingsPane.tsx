import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Finding, OriginDetail, Severity } from '../contract/messages';
import { countBySeverity, originAt, ruleTitle, SEVERITIES, stepsText } from '../state/findings';
import { useApp } from './appContext';
import { Failure, Message } from './Message';
import { useKeyText } from './useKeyText';

const LABELS: Readonly<Record<Severity, string>> = {
  error: 'Errors',
  warning: 'Warnings',
  info: 'Notes',
};

const SINGULAR: Readonly<Record<Severity, string>> = {
  error: 'Error',
  warning: 'Warning',
  info: 'Note',
};

/** What led to the first number that is not finite: asked for when it is looked at. */
function Origin({ step }: { step: number }) {
  const { view, selection } = useApp();
  const textOf = useKeyText();
  const run = view.run.value;
  const origin = useSignal<OriginDetail | Error | null>(null);
  useEffect(() => {
    if (run === null) return;
    const aborter = new AbortController();
    originAt(view.client, run, step, aborter.signal).then(
      found => {
        origin.value = found;
      },
      (error: unknown) => {
        if (!aborter.signal.aborted) {
          origin.value = error instanceof Error ? error : new Error(String(error));
        }
      },
    );
    return () => aborter.abort();
  }, [run, step, view, origin]);
  const found = origin.value;
  if (found === null) return <p class="lv-muted">Looking for the elements…</p>;
  if (found instanceof Error) return <p role="alert">{found.message}</p>;
  return (
    <div class="lv-origin">
      {found.indices.length > 0 && (
        <p>
          First elements:{' '}
          {found.indices.map(index => (
            <code key={index.join()}>[{index.join(', ')}]</code>
          ))}
        </p>
      )}
      {found.leads.length > 0 && (
        <table class="lv-leads">
          <caption>The largest inputs and weights that led to the first of them</caption>
          <tbody>
            {found.leads.map(lead => (
              <tr key={`${lead.key} ${lead.index.join()}`}>
                <th scope="row">
                  <button
                    type="button"
                    class="lv-link"
                    onClick={() => selection.goTo(lead.key, step)}
                  >
                    {textOf(lead.key)}
                  </button>
                  [{lead.index.join(', ')}]
                </th>
                <td>{lead.value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function FindingCard({ finding }: { finding: Finding }) {
  const { selection } = useApp();
  const textOf = useKeyText();
  const isOpen = useSignal(false);
  const { severity, rule, key, first_step: first, message, states } = finding;
  return (
    <li class={`lv-finding lv-finding-${severity}`}>
      <header>
        <span class="lv-severity">{SINGULAR[severity]}</span>
        <h2>{ruleTitle(rule)}</h2>
        <span class="lv-muted">{stepsText(finding)}</span>
      </header>
      <p>{message}.</p>
      <div class="lv-finding-actions">
        <button type="button" class="lv-button" onClick={() => selection.goTo(key, first)}>
          Show {textOf(key)} at step {first}
        </button>
        <details
          onToggle={event => {
            isOpen.value = event.currentTarget.open;
          }}
        >
          <summary>{rule === 'non_finite' ? 'What led there' : 'The rule'}</summary>
          {isOpen.value && rule === 'non_finite' && <Origin step={first} />}
          <p class="lv-muted">{states}</p>
        </details>
      </div>
    </li>
  );
}

function Nothing() {
  const { view } = useApp();
  const { length } = view.steps.value;
  return (
    <Message title="Nothing found">
      <p>
        No rule has anything to say about the {length === 1 ? 'one step' : `${length} steps`} that{' '}
        {length === 1 ? 'was' : 'were'} recorded. Rules see more where more is recorded:{' '}
        <code>kinds=("param", "grad", "output")</code> tells of gradients and updates, too.
      </p>
    </Message>
  );
}

/** What the rules found in the shown run, the gravest first. */
export function FindingsPane() {
  const { findings, view } = useApp();
  const hidden = useSignal<ReadonlySet<Severity>>(new Set());
  const error = findings.error.value;
  const answer = findings.answer.value;
  if (error !== null) {
    return (
      <div class="lv-pane">
        <Failure error={error} onRetry={() => findings.reload()} />
      </div>
    );
  }
  if (answer === null || answer.request.run !== view.run.value) {
    return (
      <div class="lv-pane" aria-busy="true">
        <p class="lv-muted">Looking through all recorded steps…</p>
      </div>
    );
  }
  const counts = countBySeverity(answer.value);
  const toggle = (severity: Severity) => {
    const next = new Set(hidden.value);
    if (!next.delete(severity)) next.add(severity);
    hidden.value = next;
  };
  const shown = answer.value.filter(({ severity }) => !hidden.value.has(severity));
  return (
    <div class="lv-pane">
      {answer.value.length === 0 ? (
        <Nothing />
      ) : (
        <>
          <div class="lv-finding-filter">
            {SEVERITIES.map(severity => (
              <button
                key={severity}
                type="button"
                class="lv-button"
                aria-pressed={!hidden.value.has(severity)}
                disabled={counts[severity] === 0}
                onClick={() => toggle(severity)}
              >
                {LABELS[severity]} ({counts[severity]})
              </button>
            ))}
          </div>
          {shown.length === 0 && (
            <p class="lv-muted" role="status">
              All that was found is hidden: press one of the above to see it.
            </p>
          )}
          <ul class="lv-findings">
            {shown.map(finding => (
              <FindingCard
                key={`${finding.rule} ${finding.key} ${finding.first_step}`}
                finding={finding}
              />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
