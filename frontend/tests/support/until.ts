const PATIENCE_MS = 10_000;
const PAUSE_MS = 5;

/** Resolves when a condition holds. @throws Error when it does not within ten seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`expected ${what}, waited for ${PATIENCE_MS} ms`);
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
}
