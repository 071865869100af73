import { Fragment, h, render } from 'preact';
import { distributionOf } from '../scale/distribution';
import { matrixOf } from '../scale/matrix';
import { countLooks, DEFAULT_SETTINGS, resolveScale } from '../scale/scale';
import { Gallery } from './Gallery';
import { Legend } from './Legend';
import { KnownWidth } from './useRoom';

/** A gallery as layers have them. */
const MAPS = 64;
const SIDE = 12;
const SIZE = SIDE * SIDE;
/** That of a page of 1,400 CSS pixels. */
const WIDTH = 1040;
const BARS = 100;

const AXES = { rowAxis: { title: 'Row' }, colAxis: { title: 'Column' } };

/**
 * Draws a gallery and its legend that nobody sees, in no document, and drops them. A browser runs
 * code that is new to it slowly, and translates it meanwhile on the processors that would show what
 * it makes: after a few of these it is done with that.
 */
export function rehearseGallery(): void {
  const values = Float32Array.from({ length: MAPS * SIZE }, (_, i) => i);
  const maps = Array.from({ length: MAPS }, (_, i) => ({
    title: `Filter ${i + 1}`,
    matrix: matrixOf(values, SIDE, SIDE, i * SIZE),
  }));
  const whole = matrixOf(values, 1, values.length);
  const scale = resolveScale(DEFAULT_SETTINGS, [whole]);
  const legend = {
    scale,
    counts: countLooks(scale, [whole]),
    distribution: distributionOf([whole], scale.settings.transform, BARS),
    onChange: () => undefined,
  };
  const unseen = document.createElement('div');
  const picture = h(Fragment, null, h(Gallery, { maps, scale, ...AXES }), h(Legend, legend));
  render(h(KnownWidth.Provider, { value: WIDTH }, picture), unseen);
  // Pixels are a few megabytes: they are not left for the collector to find.
  for (const canvas of unseen.querySelectorAll('canvas')) canvas.width = 0;
  render(null, unseen);
}
