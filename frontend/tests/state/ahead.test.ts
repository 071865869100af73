import { afterEach, expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import { App } from '../../src/state/app';
import { fakePage } from '../support/fakePage';
import { fakeServer, recordedCnn, tensor } from '../support/fakeServer';
import { until } from '../support/until';

const BASE = 'http://tensorboard.test/data/plugin/layerview/';
const HASH = '#layerview&p.layerview.key=conv.0%2Foutput&p.layerview.sample=1';
const passed = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));
let app: App;
afterEach(() => app.dispose());

/** A page that shows `conv.0/output`. */
async function start(recorded = recordedCnn()) {
  const server = fakeServer(recorded);
  app = new App(new Client(BASE, server.fetch), fakePage(HASH).page);
  const shown = (key: string) =>
    until(() => app.view.figure.value?.request.tensor.key === key, `${key} to be shown`);
  await shown('conv.0/output');
  const named = (key: string) => {
    const found = recorded.catalog.tensors.find(each => each.key === key);
    if (found === undefined) throw new Error(`expected a tensor ${key}`);
    return found;
  };
  /** The slices of a tensor that were asked for. */
  const askedFor = (key: string) =>
    server.asked.flatMap(each => {
      const query = new URLSearchParams(each.replace('array?', ''));
      return each.startsWith('array?') && query.get('key') === key ? [query.get('slice')] : [];
    });
  return { shown, named, askedFor };
}

test('a tensor that is pointed at is there when it is chosen, the sample that is looked at', async () => {
  const { shown, named, askedFor } = await start();
  app.ahead.point(named('conv.1/output'));
  await until(() => askedFor('conv.1/output').length > 0, 'the tensor to be asked for');
  expect(askedFor('conv.1/output')).toEqual(['1,:,:,:']);
  app.selection.chooseKey('conv.1/output');
  await shown('conv.1/output');
  expect(askedFor('conv.1/output')).toHaveLength(1);
});

test('a button that goes down on a line is waited for by no timer', async () => {
  const { named, askedFor } = await start();
  app.ahead.point(named('conv.1/output'), true);
  expect(askedFor('conv.1/output')).toHaveLength(1);
});

test('what the pointer only passes over is not asked for, and what is large neither', async () => {
  const recorded = recordedCnn();
  recorded.catalog.tensors.push(tensor('fc/param.large', [1024, 1024], ['Output', 'Input']));
  const { named, askedFor } = await start(recorded);
  app.ahead.point(named('conv.1/output'));
  await passed(10);
  app.ahead.point(null);
  app.ahead.point(named('fc/param.large'), true);
  await passed(100);
  expect(askedFor('conv.1/output')).toEqual([]);
  expect(askedFor('fc/param.large')).toEqual([]);
});

test('of what was left again nothing is asked, but for what was chosen meanwhile', async () => {
  const { shown, named, askedFor } = await start();
  app.ahead.point(named('conv.1/output'), true);
  app.selection.chooseKey('conv.1/output');
  app.ahead.point(null);
  await shown('conv.1/output');
  expect(askedFor('conv.1/output')).toHaveLength(1);
});
