/** Keys of a row of controls of which one is on: the next or the previous, from the last to the first. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
};

/**
 * For `onKeyDown` of the element around buttons side by side, one for each option: an arrow key
 * turns the next one on, and gives it the focus. Tab stops at the one that is on.
 */
export function onArrows<T>(
  options: readonly T[],
  value: T,
  onChange: (option: T) => void,
): (event: KeyboardEvent & { currentTarget: HTMLElement }) => void {
  return event => {
    const by = STEPS[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const place = (options.indexOf(value) + by + options.length) % options.length;
    const next = options[place];
    if (next === undefined) return;
    const button = event.currentTarget.querySelectorAll('button')[place];
    onChange(next);
    button?.focus();
  };
}
