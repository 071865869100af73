import type { Catalog, Finding, Module, Run, Tensor } from '../../src/contract/messages';
import type { Measure } from '../../src/state/measures';
import { npyFile } from './npyFile';

/** What a server of one run has; the elements of every tensor count up from its step. */
export interface Recorded {
  runs: Run[];
  catalog: Catalog;
  /** By statistic and key, a value a step; zeros where none is given. */
  stats: Partial<Record<Measure, Record<string, number[]>>>;
  findings?: Finding[];
}

export const module = (path: string, className: string, order: number, repr = ''): Module => ({
  path,
  class_name: className,
  repr: repr || `${className}()`,
  order,
});

export const tensor = (
  key: string,
  shape: number[],
  axes: string[],
  more: Partial<Tensor> = {},
): Tensor => {
  const kind = /\/([a-z_]+)/.exec(key)?.[1];
  return {
    key,
    module: key.slice(0, key.indexOf('/')),
    kind: kind as Tensor['kind'],
    shape,
    dtype: 'float32',
    axes,
    stored: 'exact',
    levels: 0,
    ...more,
  };
};

const FEATURE_MAP_AXES = ['Sample', 'Filter', 'Row', 'Column'];

/** A small convolutional network, two samples, three steps. */
export function recordedCnn(): Recorded {
  return {
    runs: [{ name: 'exp1', frames: 3, first_step: 0, last_step: 20, skipped: 0 }],
    catalog: {
      directory: '/logs/exp1',
      generation: 'g1',
      steps: [0, 10, 20],
      samples: [0, 1],
      sample_ids: [],
      labels: [],
      marks: [],
      problems: [],
      summarized: [],
      kept: null,
      modules: [
        module('', 'CNN', 0),
        module('conv', 'Sequential', 1),
        module('conv.0', 'Conv2d', 2, 'Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))'),
        module('conv.1', 'ReLU', 3),
        module('fc', 'Linear', 4, 'Linear(in_features=8, out_features=3, bias=True)'),
      ],
      tensors: [
        tensor('/output', [2, 3], ['Sample', 'Node']),
        tensor(
          'conv.0/param.weight',
          [2, 1, 3, 3],
          ['Output Channel', 'Input Channel', 'Row', 'Column'],
        ),
        tensor('conv.0/param.bias', [2], ['Output Channel']),
        tensor('conv.0/output', [2, 2, 4, 4], FEATURE_MAP_AXES),
        tensor('conv.1/output', [2, 2, 4, 4], FEATURE_MAP_AXES),
        tensor('fc/param.weight', [3, 8], ['Output Node Index', 'Input Node Index']),
        tensor('/sample.inputs', [2, 1, 4, 4], ['Sample', 'Channel', 'Row', 'Column']),
        tensor('/sample.targets', [2], ['Sample'], { dtype: 'int64' }),
        tensor('/sample.predictions', [2, 3], ['Sample', 'Node']),
      ],
    },
    stats: {},
  };
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json' },
  });
}

const failure = (code: string, message: string, status: number) =>
  json({ error: { code, message } }, status);

/** The shape that a slice of integers and full ranges gives; of a level, of its blocks. */
function slicedShape(elements: readonly number[], slice: string, level: number): number[] {
  const shape = elements.map((extent, axis) =>
    axis < elements.length - 2 ? extent : Math.ceil(extent / 8 ** level),
  );
  if (slice === '...') return [...shape];
  const parts = slice.split(',');
  return shape.filter((_, axis) => (parts[axis] ?? ':').includes(':'));
}

function arrayOf(recorded: Recorded, query: URLSearchParams): Response {
  const key = query.get('key') ?? '';
  const found = recorded.catalog.tensors.find(candidate => candidate.key === key);
  if (!found) return failure('not_found', `key: expected a recorded one, received '${key}'`, 404);
  const shape = slicedShape(
    found.shape,
    query.get('slice') ?? '...',
    Number(query.get('level') ?? 0),
  );
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (query.get('plane') === 'flags') {
    return new Response(npyFile('|u1', shape, new Uint8Array(count)));
  }
  const first = Number(query.get('step'));
  const elements = Array.from({ length: count }, (_, i) => first + i);
  return found.dtype === 'int64'
    ? new Response(npyFile('<i8', shape, BigInt64Array.from(elements, BigInt)))
    : new Response(npyFile('<f4', shape, Float32Array.from(elements)));
}

function statsOf(recorded: Recorded, query: URLSearchParams): Response {
  const { tensors, steps } = recorded.catalog;
  const stats = query.getAll('stat') as Measure[];
  const named = query.getAll('key');
  const keys = named.length > 0 ? named : tensors.map(({ key }) => key);
  const [from, to] = ['first_step', 'last_step'].map(name => query.get(name));
  const isIn = (step: number) =>
    (from === null || step >= Number(from)) && (to === null || step <= Number(to));
  const every = Number(query.get('every') ?? 1);
  const places = steps
    .flatMap((step, place) => (isIn(step ?? 0) ? [place] : []))
    .filter((_, i, all) => i % every === every - 1 || i === all.length - 1);
  const block = Math.ceil(places.length / Number(query.get('max_columns') ?? places.length));
  const columns = Math.ceil(places.length / block) || 0;
  const numberOf = (stat: Measure, key: string, place: number): number =>
    (stat === 'non_finite' || stat === 'broken') && recorded.stats[stat] === undefined
      ? (['nan', 'pos_inf', 'neg_inf'] as const).reduce(
          (sum, each) => sum + (recorded.stats[each]?.[key]?.[place] ?? 0),
          0,
        )
      : (recorded.stats[stat]?.[key]?.[place] ?? (stat === 'count' ? 10 : 0));
  const rowOf = (stat: Measure, key: string) =>
    Array.from({ length: columns }, (_, column) =>
      Math.max(
        ...places
          .slice(column * block, (column + 1) * block)
          .map(place => numberOf(stat, key, place)),
      ),
    );
  const tables = stats.map(stat => keys.map(key => rowOf(stat, key)));
  const rows =
    query.get('over') === 'keys'
      ? tables.map(table => [
          Array.from({ length: columns }, (_, i) =>
            table.reduce((sum, row) => sum + (row[i] ?? 0), 0),
          ),
        ])
      : tables;
  const shape = [rows[0]?.length ?? 0, columns];
  return new Response(
    npyFile(
      '<f8',
      stats.length > 1 ? [stats.length, ...shape] : shape,
      Float64Array.from(rows.flat(2)),
    ),
  );
}

function histogramSteps({ catalog }: Recorded, query: URLSearchParams): number[] {
  const first = Number(query.get('first_step') ?? Number.NEGATIVE_INFINITY);
  const last = Number(query.get('last_step') ?? Number.POSITIVE_INFINITY);
  return catalog.steps.filter(step => step >= first && step <= last);
}

/** A `fetch` that answers as the plugin's routes do, and keeps the paths that it was asked for. */
export function fakeServer(recorded: Recorded): { fetch: typeof fetch; asked: string[] } {
  const asked: string[] = [];
  const answer: typeof fetch = async (input, options) => {
    options?.signal?.throwIfAborted();
    const url = new URL(String(input));
    const route = url.pathname.replace(/^.*\/layerview\//, '');
    asked.push(`${route}${url.search}`);
    const { runs, catalog } = recorded;
    const run = url.searchParams.get('run');
    if (route === 'runs') return json({ runs });
    if (!runs.some(({ name }) => name === run)) {
      return failure('not_found', `run: expected a recorded one, received '${run}'`, 404);
    }
    const keys = catalog.tensors.map(({ key }) => key);
    switch (route) {
      case 'catalog':
        return json(catalog);
      case 'array':
        return arrayOf(recorded, url.searchParams);
      case 'stats/axes':
        return json({ keys, steps: catalog.steps });
      case 'stats':
        return statsOf(recorded, url.searchParams);
      case 'findings':
        return json({ findings: recorded.findings ?? [] });
      case 'verdicts':
        return json({ steps: [], available: 0 });
      case 'histogram/axes':
        return json({
          steps: histogramSteps(recorded, url.searchParams),
          available: histogramSteps(recorded, url.searchParams).length,
          edges: [-1, -0.5, 0.5, 1],
        });
      case 'histogram': {
        const rows = histogramSteps(recorded, url.searchParams).length;
        const counts = BigUint64Array.from({ length: rows * 5 }, (_, i) => BigInt(i % 5));
        return new Response(npyFile('<u8', [rows, 5], counts));
      }
      default:
        return failure('not_found', `route: received '${route}'`, 404);
    }
  };
  return { fetch: answer, asked };
}
