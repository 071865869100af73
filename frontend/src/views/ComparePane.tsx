import { useComputed } from '@preact/signals';
import type { Figure } from '../state/figure';
import { cellWords } from '../state/levels';
import { shapeText } from '../state/names';
import { useApp } from './appContext';
import { CompareControls } from './CompareControls';
import { LargeSides } from './LargeSides';
import { Failure, Message } from './Message';
import { Sides } from './Sides';

/** What is shown of each side: the figures, or why there are none. */
function isComparable(a: Figure, b: Figure): boolean {
  return String(a.array.shape) === String(b.array.shape);
}

/** What is missing on the side that is compared with. */
function Missing() {
  const { comparison, view, selection } = useApp();
  const key = selection.other.value.key ?? view.tensor.value?.key;
  return (
    <Message
      title="There is nothing to compare with"
      actions={
        <button
          type="button"
          class="lv-button lv-button-main"
          onClick={() => {
            selection.other.value = {};
          }}
        >
          Compare with the step before
        </button>
      }
    >
      <p>
        The run <code>{comparison.run.value}</code> has no tensor <code>{key}</code>, or its
        elements were not kept. Choose another run or tensor above.
      </p>
    </Message>
  );
}

/** Why two arrays have no difference. */
function NotComparable({ a, b }: { a: Figure; b: Figure }) {
  const [ofA, ofB] = [a.request, b.request];
  if (ofA.plan.level !== ofB.plan.level) {
    const words = ({ tensor, plan }: Figure['request']) =>
      plan.level === 0 ? 'every element' : cellWords(tensor.shape, plan.level, plan.plane);
    return (
      <Message title="Not as much was kept of both">
        <p>
          Of A there is {words(ofA)}; of B, {words(ofB)}. Choose another level under Detail, or
          record both with the same max_elements.
        </p>
      </Message>
    );
  }
  return (
    <Message title="Their shapes differ">
      <p>
        A is of shape {shapeText(a.array.shape)}, B of {shapeText(b.array.shape)}: only arrays of
        one shape can be compared.
      </p>
    </Message>
  );
}

function ComparedSides({ a, b }: { a: Figure; b: Figure }) {
  const isLarge = a.request.plan.tiled && b.request.plan.tiled;
  return isLarge ? <LargeSides a={a} b={b} /> : <Sides a={a} b={b} />;
}

/** Two pictures of one shape side by side, and how they differ. */
export function ComparePane() {
  const { view, comparison } = useApp();
  const state = useComputed(() => {
    const [a, b] = [view.figure.value, comparison.figure.value];
    return { a, b, error: comparison.picture.error.value ?? comparison.catalog.error.value };
  }).value;
  const { a, b, error } = state;
  const runs = view.runs.answer.value?.value.runs ?? [];
  const hasRun = runs.some(({ name }) => name === comparison.run.value);
  const isKnown = comparison.catalog.answer.value !== null && !comparison.catalog.loading.value;
  const isMissing = !hasRun || (isKnown && comparison.tensor.value === null);
  const body = () => {
    if (error !== null) {
      return (
        <Failure
          error={error}
          onRetry={() => {
            comparison.catalog.reload();
            comparison.picture.reload();
          }}
        />
      );
    }
    if (isMissing) return <Missing />;
    if (a === null || b === null) return <p class="lv-muted">Loading the other side…</p>;
    return <NotComparable a={a} b={b} />;
  };
  const canShow = error === null && !isMissing && a !== null && b !== null && isComparable(a, b);
  return (
    <>
      <CompareControls />
      {canShow ? (
        <ComparedSides a={a} b={b} />
      ) : (
        <div id="lv-pane" class="lv-pane" role="tabpanel" aria-labelledby="lv-tab-compare">
          {body()}
        </div>
      )}
    </>
  );
}
