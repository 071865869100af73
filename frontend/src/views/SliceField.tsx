import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect } from 'preact/hooks';
import { shownSlice, widenedBlocks } from '../state/plan';
import { applySlice } from '../state/sliceEdit';
import { useApp } from './appContext';

/** Widths in characters. */
const SHORTEST = 8;
const LONGEST = 32;

/** What is shown of the tensor, as NumPy writes it between brackets; to be edited. */
export function SliceField() {
  const { view, selection } = useApp();
  const id = useId();
  /** What was typed and not taken over yet. */
  const draft = useSignal<string | null>(null);
  const error = useSignal<string | null>(null);
  const [tensor, plan] = [view.tensor.value, view.plan.value];
  const shown = tensor && plan && shownSlice(plan, tensor.shape).join(', ');
  const restore = () => {
    draft.value = null;
    error.value = null;
  };
  const text = draft.value ?? shown;
  // What is shown now is another slice: what was typed for the one before is no answer to it. At
  // once: what somebody typed meanwhile would be gone, too.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about the change alone
  useLayoutEffect(() => restore(), [shown]);
  if (tensor === null || plan === null || text === null || tensor.shape.length === 0) return null;
  const widened = widenedBlocks(plan);
  const apply = () => {
    if (draft.value === null) return;
    error.value = applySlice(selection, tensor, plan, draft.value);
    if (error.value === null) draft.value = null;
  };
  return (
    <div class="lv-picker lv-slice">
      <label for={id} title="What of the tensor is shown, as NumPy writes it: 3, a:b, : or ...">
        Slice
      </label>
      <span aria-hidden="true">[</span>
      <input
        id={id}
        class="lv-field"
        type="text"
        spellcheck={false}
        autocomplete="off"
        size={Math.max(SHORTEST, Math.min(text.length + 1, LONGEST))}
        value={text}
        aria-invalid={error.value !== null}
        aria-describedby={error.value === null ? undefined : `${id}-error`}
        onInput={event => {
          draft.value = event.currentTarget.value;
          error.value = null;
        }}
        onKeyDown={event => {
          if (event.key === 'Enter') apply();
          else if (event.key === 'Escape') restore();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
        onBlur={apply}
      />
      <span aria-hidden="true">]</span>
      {widened !== null && error.value === null && (
        <span class="lv-muted" role="status">
          widened to whole blocks of {widened.join(' x ')}
        </span>
      )}
      {error.value !== null && (
        <span id={`${id}-error`} class="lv-slice-error" role="alert">
          {error.value}
        </span>
      )}
    </div>
  );
}
