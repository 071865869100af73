interface Props<T extends string | number> {
  label: string;
  value: T | null;
  options: readonly T[];
  /** What an option is called; itself where it is left out. */
  labelOf?: (option: T) => string;
  title?: string;
  onChange: (option: T) => void;
}

/** Chooses one of several, with its name beside it. */
export function Choice<T extends string | number>(props: Props<T>) {
  const { label, value, options, labelOf = String, title, onChange } = props;
  return (
    <label class="lv-picker" title={title}>
      {label}
      <select
        class="lv-field"
        value={value ?? ''}
        onChange={event => {
          const chosen = options[event.currentTarget.selectedIndex];
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {options.map(option => (
          <option key={option} value={option}>
            {labelOf(option)}
          </option>
        ))}
      </select>
    </label>
  );
}
