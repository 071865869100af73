import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../../src/styles/theme.css', import.meta.url), 'utf8');

/** The colours that a rule of the theme names, as red, green and blue from 0 to 1. */
function colorsOf(selector: string): Map<string, number[]> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf('}', start));
  return new Map(
    [...block.matchAll(/--lv-([\w-]+): #([0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [
      name,
      [0, 2, 4].map(at => Number.parseInt(hex.slice(at, at + 2), 16) / 255),
    ]),
  );
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map(channel =>
    channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: readonly number[], b: readonly number[]): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const PAIRS: readonly (readonly [text: string, background: string])[] = [
  ...['fg', 'muted', 'accent', 'danger', 'warning'].flatMap(text =>
    ['bg', 'panel', 'raised'].map(background => [text, background] as const),
  ),
  ['fg', 'hover'],
  ['fg', 'selected'],
  ['muted', 'selected'],
  ['muted', 'hover'],
  ['accent', 'danger-bg'],
  ['fg', 'danger-bg'],
  ['fg', 'warning-bg'],
  ['accent-fg', 'accent'],
  ['bg', 'danger'],
];

describe.each(['.lv-root', '.lv-root.lv-dark'])('the theme %s', selector => {
  const colors = colorsOf(selector);

  test.each(PAIRS)('%s_on_%s_can_be_read', (text, background) => {
    const [ink, paper] = [colors.get(text), colors.get(background)];
    if (!ink || !paper) throw new Error(`expected colours named ${text} and ${background}`);
    expect(contrast(ink, paper)).toBeGreaterThanOrEqual(4.5);
  });
});
