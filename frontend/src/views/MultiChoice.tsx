import { useCallback, useRef } from 'preact/hooks';
import { useDismissal } from './useDismissal';

interface Props<T extends string> {
  label: string;
  options: readonly T[];
  chosen: readonly T[];
  /** What is chosen, in a few words. */
  summary: string;
  labelOf?: (option: T) => string;
  onChange: (chosen: T[]) => void;
}

/** Chooses any number of several, in a box that opens below its name. */
export function MultiChoice<T extends string>(props: Props<T>) {
  const { label, options, chosen, summary, labelOf = String, onChange } = props;
  const box = useRef<HTMLDetailsElement>(null);
  const close = useCallback(() => {
    if (box.current !== null) box.current.open = false;
  }, []);
  useDismissal(box, close);
  return (
    <details
      ref={box}
      class="lv-multi"
      onKeyDown={event => {
        if (event.key !== 'Escape' || !box.current?.open) return;
        event.preventDefault();
        close();
        box.current.querySelector('summary')?.focus();
      }}
    >
      <summary class="lv-button">
        {label}: {summary}
      </summary>
      <fieldset class="lv-multi-box">
        <legend class="lv-hidden">{label}</legend>
        {options.map(option => (
          <label key={option}>
            <input
              type="checkbox"
              checked={chosen.includes(option)}
              onChange={event => {
                const isOn = event.currentTarget.checked;
                onChange(options.filter(each => (each === option ? isOn : chosen.includes(each))));
              }}
            />
            {labelOf(option)}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
