import type { ComponentChildren } from 'preact';
import { ApiError } from '../api/errors';

interface Props {
  title: string;
  children?: ComponentChildren;
  actions?: ComponentChildren;
  role?: 'alert' | 'status';
}

/** A page's worth of words where there is no picture: what is so, and what to do. */
export function Message({ title, children, actions, role = 'status' }: Props) {
  return (
    <section class="lv-message" role={role}>
      <h2>{title}</h2>
      {children}
      {actions && <div class="lv-message-actions">{actions}</div>}
    </section>
  );
}

const INTERNAL_SERVER_ERROR = 500;

function explain(error: Error): { title: string; advice: string } {
  const code = error instanceof ApiError ? error.code : 'page';
  switch (code) {
    case 'unreachable':
      return {
        title: 'TensorBoard does not answer',
        advice: 'Is it still running? This page asks again every few seconds.',
      };
    case 'not_found':
      return {
        title: 'This was not recorded',
        advice:
          'Choose another step or another tensor, or reload if the run is still being written.',
      };
    case 'damaged':
      return {
        title: 'The log is damaged here',
        advice: 'Other steps can still be read: each frame has checksums of its own.',
      };
    case 'too_large':
      return {
        title: 'Too many elements for one answer',
        advice: 'Choose a part of the tensor, or look at its statistics.',
      };
    case 'malformed':
    case 'method_not_allowed':
      return {
        title: 'The plugin did not understand this page',
        advice: 'The page and the plugin may be of different versions: reload the browser tab.',
      };
    case 'unexpected':
      if (error instanceof ApiError && error.status === INTERNAL_SERVER_ERROR) {
        return {
          title: 'The plugin failed',
          advice: 'The terminal in which TensorBoard runs says why.',
        };
      }
      return {
        title: 'Something else answered in place of the plugin',
        advice: 'A proxy before TensorBoard, or a sign-in page, may stand in between.',
      };
    default:
      return { title: 'This page failed', advice: 'Reload the browser tab.' };
  }
}

/** A request that failed: what happened, what to do, and the way to try again. */
export function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { title, advice } = explain(error);
  return (
    <Message
      title={title}
      role="alert"
      actions={
        <button type="button" class="lv-button lv-button-main" onClick={onRetry}>
          Try again
        </button>
      }
    >
      <p>{advice}</p>
      {error.message !== title && (
        <p class="lv-muted">
          <code class="lv-error-words">{error.message}</code>
        </p>
      )}
    </Message>
  );
}
