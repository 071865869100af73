interface Flight<V> {
  readonly answer: Promise<V>;
  readonly aborter: AbortController;
  waiting: number;
}

/**
 * One transfer for all who ask for the same thing while it is under way. It is aborted when none of
 * them waits any more.
 */
export class SharedRequests<V> {
  readonly #flights = new Map<string, Flight<V>>();

  /** Rejects with the signal's reason as soon as that is aborted, whoever else still waits. */
  async ask(
    name: string,
    signal: AbortSignal,
    load: (signal: AbortSignal) => Promise<V>,
  ): Promise<V> {
    signal.throwIfAborted();
    const flight = this.#flights.get(name) ?? this.#begin(name, load);
    flight.waiting++;
    let leave: () => void = () => undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
    });
    signal.addEventListener('abort', leave);
    try {
      return await Promise.race([flight.answer, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      flight.waiting--;
      if (flight.waiting === 0) this.#end(name, flight);
    }
  }

  #begin(name: string, load: (signal: AbortSignal) => Promise<V>): Flight<V> {
    const aborter = new AbortController();
    const answer = load(aborter.signal);
    // Whoever waits is told; when nobody does any more, it is no failure of anyone's.
    answer.catch(() => undefined);
    const flight: Flight<V> = { answer, aborter, waiting: 0 };
    this.#flights.set(name, flight);
    return flight;
  }

  #end(name: string, flight: Flight<V>): void {
    if (this.#flights.get(name) === flight) this.#flights.delete(name);
    // Of no effect where the answer has come.
    flight.aborter.abort();
  }
}
