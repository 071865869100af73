// @vitest-environment happy-dom
import { act } from 'preact/test-utils';
import { describe, expect, test, vi } from 'vitest';
import { fakeServer, recordedCnn } from '../support/fakeServer';
import { byRole, open, press, root, seen, text } from '../support/openPage';
import { until } from '../support/until';

// The charts draw on a canvas, which this DOM does not have.
vi.mock('uplot', () => ({
  default: class {
    static readonly join = (tables: unknown[]) => tables[0];
    readonly over = document.createElement('div');
    readonly cursor = {};
    readonly setData = () => undefined;
    readonly setSize = () => undefined;
    readonly redraw = () => undefined;
    readonly destroy = () => undefined;
  },
}));

const KEY = 'p.layerview.key=conv.1%2Foutput';

/** By its name, where a view is, what it asks for, and words that it has when that is there. */
const VIEWS = [
  ['a picture', KEY, /\/array\?/, 'Filter 2'],
  ['the numbers', `${KEY}&p.layerview.tab=values`, /\/array\?/, 'Column'],
  ['a comparison', `${KEY}&p.layerview.tab=compare`, /\/array\?/, 'Largest differences'],
  ['the other side', `${KEY}&p.layerview.tab=compare`, /\/array\?.*step=10/, 'Largest differences'],
  ['the statistics', `${KEY}&p.layerview.tab=statistics`, /stat=update_rms/, 'At step 20'],
  ['the histograms', `${KEY}&p.layerview.tab=statistics`, /\/histogram/, 'Over the steps'],
  ['the samples', 'p.layerview.place=samples', /\/array\?.*sample.inputs/, 'item 1'],
  ['the findings', 'p.layerview.place=findings', /\/findings/, 'Nothing found'],
  ['the health map', 'p.layerview.place=health', /\/stats\?.*rms/, 'conv.0/output'],
  ['the charts', `p.layerview.place=charts&${KEY}`, /\/stats\?.*rms/, 'root mean square'],
] as const;

type Answer = typeof fetch;

/** A server that answers what `route` names otherwise, until it is mended. */
function spoiled(route: RegExp, otherwise: Answer) {
  const { fetch } = fakeServer(recordedCnn());
  let isSpoiled = true;
  const answer: Answer = (input, options) =>
    isSpoiled && route.test(String(input)) ? otherwise(input, options) : fetch(input, options);
  return {
    answer,
    mend: () => {
      isSpoiled = false;
    },
  };
}

const alerts = () => [...root.querySelectorAll('[role=alert]')].map(each => each.textContent ?? '');

describe.each(VIEWS)('%s', (_name, hash, route, words) => {
  test('shows_that_it_is_awaited', async () => {
    const never: Answer = (_input, options) =>
      new Promise((_, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
      });
    open(recordedCnn(), `#layerview&${hash}`, spoiled(route, never).answer);
    const isBusy = () => root.querySelector('[role=progressbar], [aria-busy=true]') !== null;
    await seen('CNN');
    await until(isBusy, 'a sign of loading');
    expect(alerts()).toEqual([]);
  });

  test('says_what_failed_and_goes_on_when_it_is_asked_again', async () => {
    const failure: Answer = async () =>
      new Response('{"error": {"code": "damaged", "message": "bytes 10 to 20 of a.lvlog"}}', {
        status: 500,
      });
    const server = spoiled(route, failure);
    open(recordedCnn(), `#layerview&${hash}`, server.answer);
    await until(() => alerts().join().includes('bytes 10 to 20'), 'why it failed');
    server.mend();
    act(() => byRole('button', 'Try again').click());
    await seen(words);
    await until(() => !alerts().join().includes('bytes 10 to 20'), 'no failure any more');
  });
});

test('a_layer_that_could_not_be_loaded_shows_no_picture_of_another_step', async () => {
  class SeesAll {
    constructor(readonly callback: IntersectionObserverCallback) {}
    observe(target: Element) {
      const entry = { isIntersecting: true, target } as unknown as IntersectionObserverEntry;
      this.callback([entry], this as unknown as IntersectionObserver);
    }
    disconnect() {}
  }
  vi.stubGlobal('IntersectionObserver', SeesAll);
  const failure: Answer = async () =>
    new Response('{"error": {"code": "damaged", "message": "bytes 10 to 20"}}', { status: 500 });
  const server = spoiled(/\/array\?.*conv\.1%2Foutput&step=10/, failure);
  open(recordedCnn(), '#layerview&p.layerview.place=samples', server.answer);
  const layer = () => root.querySelector('.lv-way-layer[aria-label="conv.1/output"]');
  await until(() => layer()?.querySelector('figure') != null, 'the pictures of the newest step');
  press('ArrowLeft');
  await until(
    () => layer()?.textContent?.includes('bytes 10 to 20') === true,
    'why there are none',
  );
  expect(layer()?.querySelector('figure')).toBe(null);
});

test('findings_that_are_all_hidden_are_told_from_none', async () => {
  const recorded = recordedCnn();
  recorded.findings = [
    {
      severity: 'warning',
      rule: 'dead',
      key: 'conv.1/output',
      first_step: 0,
      last_step: 20,
      message: 'conv.1/output is dead',
      states: 'the rule',
    },
  ];
  open(recorded, '#layerview&p.layerview.place=findings');
  await seen('conv.1/output is dead');
  act(() => byRole('button', 'Warnings (1)').click());
  expect(text()).toContain('All that was found is hidden');
});

test.each([
  ['a', 'samples'],
  ['g', 'findings'],
  ['h', 'health'],
  ['c', 'charts'],
  ['l', 'layer'],
] as const)('the_key_%s_leads_to_%s', async (key, place) => {
  const { app } = open(recordedCnn(), '#layerview&p.layerview.place=samples');
  await seen('CNN');
  press(key);
  expect(app.selection.place.value).toBe(place);
});
