import { isAbort } from '../api/errors';
import type { Tensor } from '../contract/messages';
import type { View } from './view';

/** A pointer that passes over lines on its way rests on none of them so long. */
const REST_MS = 40;

/**
 * Fetches the picture of a tensor that is pointed at: a person rests on a line for a tenth of a
 * second before the click, in which a server that is not far away has answered.
 */
export class Ahead {
  #pointed: Tensor | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #aborter = new AbortController();

  constructor(readonly view: View) {}

  /** Told what is pointed at, null where nothing is; `isSure` where a button is already down on it. */
  point(tensor: Tensor | null, isSure = false): void {
    if (tensor !== this.#pointed) {
      // Who chose it meanwhile goes on waiting for the same answer.
      this.#aborter.abort();
      this.#aborter = new AbortController();
      this.#pointed = tensor;
    }
    clearTimeout(this.#timer);
    if (tensor === null) return;
    if (isSure) this.#fetch(tensor);
    else this.#timer = setTimeout(() => this.#fetch(tensor), REST_MS);
  }

  #fetch(tensor: Tensor): void {
    this.view.prefetchTensor(tensor, this.#aborter.signal).catch((error: unknown) => {
      // It is asked for again once it is chosen, and then says what went wrong.
      if (!isAbort(error)) this.#pointed = null;
    });
  }

  dispose(): void {
    this.point(null);
  }
}
