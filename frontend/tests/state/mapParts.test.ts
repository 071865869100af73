import { describe, expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import { valueAt } from '../../src/scale/matrix';
import { drawnIndex, figureOf, partialFigureOf } from '../../src/state/figure';
import { type Arrived, loadParts, nextPart, partsOf } from '../../src/state/mapParts';
import type { PictureRequest } from '../../src/state/pictureData';
import { type Choice, planOf } from '../../src/state/plan';
import { parseRoles } from '../../src/state/roles';
import { tensor } from '../support/fakeServer';
import { npyFile } from '../support/npyFile';

const WHOLE: Choice = { sample: 0, lead: {}, page: 0, level: null, plane: 'mean' };
const AXES = ['Sample', 'Filter', 'Row', 'Column'];

function request(shape: number[], more: Partial<Choice> = {}, levels = 1): PictureRequest {
  const named = tensor('c/output', shape, AXES, { levels });
  const plan = planOf(named, { ...WHOLE, ...more });
  return { run: 'r', generation: 'g', step: 0, tensor: named, plan };
}

/** Elements count up, in C order, over the maps of a sample; blocks have two values. */
function server(rows: number, cols: number, gate: Promise<void>) {
  const slices: string[] = [];
  const fetch = async (input: RequestInfo | URL): Promise<Response> => {
    const { searchParams } = new URL(String(input));
    const slice = searchParams.get('slice') ?? '';
    const span = /^\d+,(\d+):(\d+),:,:$/.exec(slice);
    if (searchParams.get('level') === '1')
      return new Response(npyFile('<f4', [2], Float32Array.of(1, 2)));
    slices.push(slice);
    // The first part comes at once, the others when they may.
    if (slices.length > 1) await gate;
    const [first, stop] = [Number(span?.[1]), Number(span?.[2])];
    const count = (stop - first) * rows * cols;
    const values = Float32Array.from({ length: count }, (_, i) => first * rows * cols + i);
    return new Response(npyFile('<f4', [stop - first, rows, cols], values));
  };
  return { client: new Client('http://x.test/', fetch), slices };
}

describe('partsOf', () => {
  test('a_gallery_of_very_many_elements_comes_in_parts_that_make_it_up', () => {
    const parts = partsOf(request([2, 2048, 56, 56])) ?? [];
    expect(parts.length).toBeGreaterThan(10);
    expect(parts[0]?.start).toBe(0);
    expect(parts.at(-1)?.stop).toBe(2048);
    expect(parts.slice(1).map(part => part.start)).toEqual(
      parts.slice(0, -1).map(part => part.stop),
    );
  });

  test.each([
    ['few elements', request([2, 64, 12, 12])],
    ['a matrix', request([2, 2048, 56, 56], { roles: parseRoles('ssrc') ?? [] })],
    ['blocks', request([2, 2048, 56, 56], { level: 1 })],
    ['what has no levels', request([2, 2048, 56, 56], {}, 0)],
  ])('at_once_come: %s', (name, asked) => {
    if (name === 'blocks') asked.plan.level = 1;
    expect(partsOf(asked)).toBeNull();
  });
});

/** Answers slices of a tensor whose elements count up in C order. */
function counting(shape: readonly number[], kind: 'float' | 'complex', gate: Promise<void>) {
  const slices: string[] = [];
  const fetch = async (input: RequestInfo | URL): Promise<Response> => {
    const { searchParams } = new URL(String(input));
    if (searchParams.has('level')) return new Response(npyFile('<f4', [1], Float32Array.of(3)));
    const slice = searchParams.get('slice') ?? '';
    slices.push(slice);
    if (slices.length > 1) await gate;
    const axes = slice.split(',').map((text, axis) => {
      const [from = '', to = ''] = text.split(':');
      const span = text.includes(':');
      const start = Number(from);
      return { start, stop: span ? Number(to || shape[axis]) : start + 1, span };
    });
    let found = [0];
    axes.forEach(({ start, stop }, axis) => {
      const extent = shape[axis] ?? 1;
      found = found.flatMap(at =>
        Array.from({ length: stop - start }, (_, i) => at * extent + start + i),
      );
    });
    const kept = axes.flatMap(({ start, stop, span }) => (span ? [stop - start] : []));
    return new Response(
      kind === 'float'
        ? npyFile('<f4', kept, Float32Array.from(found))
        : npyFile('<c8', kept, Float32Array.from(found.flatMap(at => [0, -at]))),
    );
  };
  return { client: new Client('http://x.test/', fetch), slices };
}

test.each([
  ['along the last axis', 'srcm', {}, 'float'],
  ['along rows, cropped', 'scmr', { crop: { 2: [1, 72] } }, 'float'],
  ['of complex numbers', 'smrc', {}, 'complex'],
  ['along two axes', 'mmrc', {}, 'float'],
] as const)('parts_of_maps_make_every_element_of_the_tensor: %s', async (_, roles, more, kind) => {
  const shape = [3, 160, 72, 96];
  const asked = request(shape, { roles: parseRoles(roles) ?? null, ...more });
  const { tensor: named, plan } = asked;
  const complex = {
    ...asked,
    tensor: { ...named, dtype: kind === 'complex' ? 'complex64' : 'float32' },
  };
  let open: () => void = () => undefined;
  const gate = new Promise<void>(resolve => {
    open = resolve;
  });
  const { client, slices } = counting(shape, kind, gate);
  const parts = partsOf(complex) ?? [];
  expect(parts.length).toBeGreaterThan(1);
  const arrivals: Arrived[] = [];
  const { signal } = new AbortController();
  const whole = await loadParts(
    client,
    complex,
    parts,
    () => [0, 0],
    arrived => {
      arrivals.push(arrived);
      open();
    },
    signal,
  );
  expect(slices).toHaveLength(parts.length);
  const partial = arrivals[0] && partialFigureOf(arrivals[0]);
  const figures = [figureOf(complex, whole), ...(partial ? [partial] : [])];
  expect(figures).toHaveLength(2);
  for (const figure of figures) {
    const maps = figure.maps.filter(map => !map.isPending);
    for (const map of [maps[0], maps.at(-1)]) {
      if (map === undefined) throw new Error('expected a map');
      const { rows, cols } = map.matrix;
      for (const cell of [
        [0, 0],
        [rows - 1, 1],
        [2, cols - 1],
      ] as const) {
        const drawn = drawnIndex(figure, map.index, cell);
        const index = shape.map((_extent, axis) => {
          const place = plan.drawn.indexOf(axis);
          return place < 0 ? 0 : (plan.spans[axis]?.[0] ?? 0) + (drawn[place] ?? 0);
        });
        const expected = index.reduce((at, each, axis) => at * (shape[axis] ?? 1) + each, 0);
        expect(valueAt(map.matrix, cell[0], cell[1])).toBe(expected);
      }
    }
  }
  if (kind === 'complex') expect(whole.parts?.[2 * 1234 + 1]).toBe(-1234);
});

test('maps_that_lie_scattered_in_the_log_come_in_few_parts', () => {
  const scattered = partsOf(request([2, 64, 200, 800], { roles: parseRoles('srcm') ?? null }));
  expect(scattered?.length).toBeLessThanOrEqual(8);
});

test('what_is_in_view_comes_next', () => {
  const parts = [0, 10, 20, 30].map(start => ({ start, stop: start + 10 }));
  const without =
    (...gone: number[]) =>
    (part: number) =>
      !gone.includes(part);
  expect(nextPart(parts, without(), [25, 33])).toBe(2);
  expect(nextPart(parts, without(2), [25, 33])).toBe(3);
  expect(nextPart(parts, without(2, 3), [25, 33])).toBe(0);
  expect(nextPart(parts, without(0, 1, 2, 3), [25, 33])).toBe(-1);
});

test('the_parts_make_the_whole_and_each_map_is_there_when_its_part_is', async () => {
  const asked = request([2, 400, 64, 64], { crop: { 1: [7, 400] } });
  const parts = partsOf(asked) ?? [];
  let open: (() => void) | null = null;
  const gate = new Promise<void>(resolve => {
    open = resolve;
  });
  const { client, slices } = server(64, 64, gate);
  const arrivals: Arrived[] = [];
  const last = parts.length - 1;
  const inView = () => [392, 392] as const;
  const tell = (arrived: Arrived) => {
    arrivals.push(arrived);
    open?.();
  };
  const { signal } = new AbortController();
  const whole = await loadParts(client, asked, parts, inView, tell, signal);
  expect(whole.shape).toEqual([393, 64, 64]);
  // The first element is the first of filter 7.
  expect([whole.values[0], whole.values.at(-1)]).toEqual([7 * 4096, 400 * 4096 - 1]);
  expect(slices[0]).toBe(`0,${7 + (parts[last]?.start ?? 0)}:400,:,:`);
  expect(slices.length).toBe(parts.length);

  const [first] = arrivals;
  if (first === undefined) throw new Error('expected an arrival');
  const figure = partialFigureOf(first);
  const there = figure.maps.filter(map => !map.isPending);
  expect(there.length).toBeGreaterThan(0);
  expect(there.length).toBeLessThan(393);
  const shown = there.at(-1);
  if (shown === undefined) throw new Error('expected a map');
  const filter = 7 + (shown.index[0] ?? 0);
  expect(shown.title).toBe(`Filter ${filter + 1}`);
  expect(valueAt(shown.matrix, 5, 6)).toBe(filter * 4096 + 5 * 64 + 6);
});

test('nothing_is_told_of_what_is_asked_for_no_more', async () => {
  const asked = request([2, 400, 64, 64]);
  const aborter = new AbortController();
  const fetch = (_input: RequestInfo | URL, init?: RequestInit) =>
    new Promise<Response>((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  const client = new Client('http://x.test/', fetch);
  let told = 0;
  const tell = () => {
    told++;
  };
  const parts = partsOf(asked) ?? [];
  const loading = loadParts(client, asked, parts, () => [0, 0], tell, aborter.signal);
  aborter.abort();
  await expect(loading).rejects.toThrow();
  expect(told).toBe(0);
});
