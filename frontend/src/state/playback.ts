import { effect, signal } from '@preact/signals';
import { isAbort } from '../api/errors';
import type { Selection } from './selection';
import type { View } from './view';

/** Steps a second. */
export const SPEEDS = [1, 2, 5, 10, 30] as const;
export type Speed = (typeof SPEEDS)[number];

const MS_PER_SECOND = 1000;

/** Moving over the recorded steps: by one, to an end, by itself, and along with the newest. */
export class Playback {
  readonly playing = signal(false);
  readonly speed = signal<Speed>(5);
  readonly #stop: () => void;

  constructor(
    readonly view: View,
    readonly selection: Selection,
  ) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let prefetching = new AbortController();
    const stopPlaying = effect(() => {
      clearTimeout(timer);
      // Every recorded step is drawn: the next one waits until this one is there.
      if (!this.playing.value || this.view.picture.loading.value) return;
      const { stepIndex, steps } = this.view;
      const next = stepIndex.value + 1;
      if (next >= steps.value.length) {
        this.playing.value = false;
        return;
      }
      timer = setTimeout(() => this.#show(next), MS_PER_SECOND / this.speed.value);
      prefetching.abort();
      prefetching = new AbortController();
      this.view.prefetch(steps.value[next] ?? 0, prefetching.signal).catch((error: unknown) => {
        // The step itself asks again, and then says what went wrong.
        if (!isAbort(error)) this.playing.value = false;
      });
    });
    this.#stop = () => {
      stopPlaying();
      clearTimeout(timer);
      prefetching.abort();
    };
  }

  #show(index: number): void {
    this.selection.step.value = this.view.steps.value[index] ?? null;
  }

  /** Shows the recorded step at a place in the list, and stays there. */
  goTo(index: number): void {
    this.playing.value = false;
    const last = this.view.steps.value.length - 1;
    this.#show(Math.max(0, Math.min(index, last)));
  }

  move(by: number): void {
    this.goTo(this.view.stepIndex.value + by);
  }

  toggle(): void {
    if (this.playing.value) {
      this.playing.value = false;
      return;
    }
    const steps = this.view.steps.value;
    if (steps.length < 2) return;
    // From the end, playing means from the beginning.
    const from = this.view.stepIndex.value >= steps.length - 1 ? 0 : this.view.stepIndex.value;
    this.#show(from);
    this.playing.value = true;
  }

  /** The newest step from now on, or the present one. */
  follow(on: boolean): void {
    this.playing.value = false;
    this.selection.step.value = on ? null : this.view.step.value;
  }

  dispose(): void {
    this.#stop();
  }
}
