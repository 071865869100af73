import { onArrows } from './roving';

interface Props<T extends string> {
  label: string;
  options: readonly T[];
  value: T;
  labelOf?: (option: T) => string;
  onChange: (option: T) => void;
}

/** Buttons side by side, of which one is on. */
export function Segments<T extends string>({ label, options, value, labelOf, onChange }: Props<T>) {
  return (
    <div
      class="lv-segments"
      role="radiogroup"
      aria-label={label}
      onKeyDown={onArrows(options, value, onChange)}
    >
      {options.map(option => (
        // biome-ignore lint/a11y/useSemanticElements: buttons side by side, of which one is on
        <button
          key={option}
          type="button"
          class="lv-segment"
          role="radio"
          aria-checked={option === value}
          tabIndex={option === value ? 0 : -1}
          onClick={() => onChange(option)}
        >
          {labelOf?.(option) ?? option}
        </button>
      ))}
    </div>
  );
}
