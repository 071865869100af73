import { batch, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import { isAbort } from '../api/errors';

/** An answer with the request that it answers: what is drawn must be labelled by the latter. */
export interface Answer<Request, Value> {
  request: Request;
  value: Value;
}

/** What a server says about a request that changes over time. */
export interface Resource<Request, Value> {
  /** The last answer. It stays while the next one is under way, so that nothing flickers. */
  readonly answer: ReadonlySignal<Answer<Request, Value> | null>;
  /** Why the present request has no answer; null while it has, or may get, one. */
  readonly error: ReadonlySignal<Error | null>;
  readonly loading: ReadonlySignal<boolean>;
  /** Asks again, even though the request is the same. */
  reload(): void;
  dispose(): void;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/**
 * Loads whatever `wanted` asks for, and again whenever that changes (compared as JSON). An answer
 * that comes after the request changed is dropped, and its transfer aborted. `null` asks for
 * nothing; `undefined` is not yet decided, and leaves the last answer in place. What takes long may
 * `show` what there is of it before it is whole.
 */
export function resource<Request, Value>(
  wanted: () => Request | null | undefined,
  load: (request: Request, signal: AbortSignal, show: (part: Value) => void) => Promise<Value>,
): Resource<Request, Value> {
  const answer = signal<Answer<Request, Value> | null>(null);
  const error = signal<Error | null>(null);
  const loading = signal(false);
  const attempt = signal(0);
  let asked = '';
  let askedFor = '';
  let aborter: AbortController | null = null;

  async function ask(request: Request, mine: AbortController): Promise<void> {
    loading.value = true;
    try {
      const value = await load(request, mine.signal, part => {
        if (mine === aborter) answer.value = { request, value: part };
      });
      if (mine !== aborter) return;
      batch(() => {
        answer.value = { request, value };
        error.value = null;
        loading.value = false;
      });
    } catch (thrown) {
      if (mine !== aborter || isAbort(thrown)) return;
      batch(() => {
        error.value = asError(thrown);
        loading.value = false;
      });
    }
  }

  const stop = effect(() => {
    const request = wanted();
    if (request === undefined) return;
    const wording = JSON.stringify(request);
    const asking = `${attempt.value} ${wording}`;
    if (asking === asked) return;
    asked = asking;
    // Why something else had no answer says nothing of this; of the same, it stays until it has one.
    if (wording !== askedFor) error.value = null;
    askedFor = wording;
    aborter?.abort();
    aborter = null;
    if (request === null) {
      answer.value = null;
      error.value = null;
      loading.value = false;
      return;
    }
    aborter = new AbortController();
    const mine = aborter;
    untracked(() => void ask(request, mine));
  });

  return {
    answer,
    error,
    loading,
    reload: () => {
      // Not `+=`: an effect that reloads must not depend on what it changes.
      attempt.value = attempt.peek() + 1;
    },
    dispose: () => {
      stop();
      aborter?.abort();
      aborter = null;
    },
  };
}

/** Resolves once nothing is loaded; to be asked when all have heard of what is to be loaded. */
export function whenLoaded(loading: ReadonlySignal<boolean>): Promise<void> {
  return new Promise(resolve => {
    const stop = effect(() => {
      if (loading.value) return;
      resolve();
      // Not before it was made: it may be so from the beginning.
      queueMicrotask(() => stop());
    });
  });
}
