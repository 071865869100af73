/**
 * Regular expressions, tried in a thread that can be ended: `(a+)+$` on a name of forty letters
 * takes longer than anybody lives, and the names may be those of somebody else's model.
 */

/** How long an expression may take over all names. */
export const PATIENCE_MS = 1000;

/** What is looked for, and where. */
export interface Question {
  expressions: readonly string[];
  names: readonly string[];
}

/** For each expression, in which of the names it is found; case does not matter. */
export type Found = string[][];

export type Search = (
  expressions: readonly string[],
  names: readonly string[],
  signal: AbortSignal,
) => Promise<Found>;

/** @throws SyntaxError where it is no regular expression. */
export function compiled(expression: string): RegExp {
  return new RegExp(expression, 'is');
}

/** Answers at once, in the thread that asks. */
export function found(expressions: readonly string[], names: readonly string[]): Found {
  return expressions.map(expression => {
    const pattern = compiled(expression);
    return names.filter(name => pattern.test(name));
  });
}

/** The side of the thread: what it is sent to, and answers with. */
export interface SearchScope {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(message: Found | 'ready'): void;
}

/** Has a thread answer what `searchIn` sends it. */
export function answerSearches(scope: SearchScope): void {
  scope.onmessage = ({ data: { expressions, names } }) => {
    scope.postMessage(found(expressions, names));
  };
  scope.postMessage('ready');
}

/** What is asked of a thread. */
export interface Thread {
  postMessage(message: Question): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Found | 'ready'>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/**
 * Searches in a thread that `start` starts. It is ended where it takes longer than `PATIENCE_MS`
 * from when it is ready, and where nobody waits for it any more.
 */
export function searchIn(start: () => Thread): Search {
  return (expressions, names, signal) =>
    new Promise<Found>((resolve, reject) => {
      const thread = start();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        thread.terminate();
      };
      const fail = (words: string) => {
        end();
        reject(new Error(words));
      };
      function stop() {
        end();
        reject(signal.reason);
      }
      signal.addEventListener('abort', stop);
      thread.onerror = () => fail('The browser cannot try regular expressions here');
      thread.onmessage = ({ data }) => {
        if (data !== 'ready') {
          end();
          resolve(data);
          return;
        }
        thread.postMessage({ expressions, names });
        timer = setTimeout(() => {
          const patience = `${PATIENCE_MS / 1000} s`;
          fail(
            `The regular expression takes longer than ${patience}: repeat nothing that repeats itself`,
          );
        }, PATIENCE_MS);
      };
    });
}
