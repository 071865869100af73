/** Drawings of 16 x 16 units, by name. */
const PATHS = {
  chevron: 'M6 4l4 4-4 4',
  play: 'M5 3.2v9.6l8-4.8z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  first: 'M4 3.5v9M12 4L7 8l5 4',
  last: 'M12 3.5v9M4 4l5 4-5 4',
  previous: 'M10 4L5.5 8l4.5 4',
  next: 'M6 4l4.5 4L6 12',
  copy: 'M6 6h7v7H6zM10 6V3H3v7h3',
  check: 'M3.5 8.5l3 3 6-7',
  warning: 'M8 2.5L14.5 13.5h-13zM8 6.5v3.5M8 11.9v.1',
  close: 'M4 4l8 8M12 4l-8 8',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3L14 14',
  pin: 'M6 2.5h4M6.5 2.5v4L4.5 9M4.5 9h7M11.5 9l-2-2.5v-4M8 9v4.5',
  collapse: 'M4.5 6.5L8 3l3.5 3.5M4.5 9.5L8 13l3.5-3.5',
  text: 'M2.5 3.5h8M5 7h8.5M5 10h6M7.5 13h6',
} as const;

export type IconName = keyof typeof PATHS;

/** A small drawing beside or instead of words; the control it stands in has the name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      class={name === 'play' ? 'lv-icon lv-icon-solid' : 'lv-icon'}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      {/* A browser draws a layer with more than five paths that are not convex with many samples a
          pixel, which took a pan five times as long in software: each stroke is a path of its own. */}
      {PATHS[name].split(/(?=M)/).map(stroke => (
        <path key={stroke} d={stroke} />
      ))}
    </svg>
  );
}
