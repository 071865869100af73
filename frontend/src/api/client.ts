import type {
  Apart,
  Catalog,
  Contributions,
  Derived,
  Findings,
  HistogramAxes,
  Origin,
  Runs,
  SeriesAxes,
  Statistic,
  StatsAxes,
  StepVerdicts,
  Verdicts,
} from '../contract/messages';
import { ByteCache } from './cache';
import { ApiError, errorOfResponse, isAbort } from './errors';
import { type NdArray, NpyError, parseNpy } from './npy';
import { SharedRequests } from './sharing';

/** Which elements of which tensor, at which step. `slice` is in NumPy's words: `0,:,2:4`. */
export interface ArrayRequest {
  run: string;
  key: string;
  step: number;
  slice: string;
  /** Which level of detail, and what of its blocks; elements where they are left out. */
  level?: number;
  plane?: 'mean' | 'min' | 'max' | 'flags';
  /** Of the catalog: an array of a generation that is gone must not come from a cache. */
  generation: string;
}

/** Which statistics: of all tensors, all steps, a column each, where nothing else is said. */
export interface StatsRequest {
  readonly run: string;
  readonly stats: readonly (Statistic | Derived)[];
  readonly keys?: readonly string[];
  readonly firstStep?: number;
  readonly lastStep?: number;
  /** At most so many columns, each of equally many steps. */
  readonly maxColumns?: number;
  /** Of so many steps in a row only the last. */
  readonly every?: number;
  /** One row, the sum over the tensors. */
  readonly over?: 'keys';
}

/** Which steps: from the first to the last, and of these so many, spread evenly; all without. */
export interface StepRange {
  readonly firstStep?: number;
  readonly lastStep?: number;
  readonly maxRows?: number;
}

/** A list stands for a parameter that comes as often as it has members. */
type Parameters = Readonly<Record<string, string | number | readonly string[]>>;

function rangeParameters({ firstStep, lastStep, maxRows }: StepRange): Parameters {
  return { first_step: firstStep ?? [], last_step: lastStep ?? [], max_rows: maxRows ?? [] };
}

const ARRAY_CACHE_BYTES = 256 * 1024 * 1024;
const VERDICT_CACHE_BYTES = 4 * 1024 * 1024;
/** About what the verdict on one sample takes. */
const VERDICT_BYTES = 200;

/** The answers of the plugin's routes. Every method rejects with an ApiError, or with an AbortError. */
export class Client {
  readonly #arrays = new ByteCache<NdArray>(ARRAY_CACHE_BYTES);
  readonly #underWay = new SharedRequests<NdArray>();
  readonly #verdicts = new ByteCache<StepVerdicts>(VERDICT_CACHE_BYTES);
  readonly #verdictsUnderWay = new SharedRequests<Verdicts>();

  /** `base` is the folder of the routes; the page derives it from its own address. */
  constructor(
    readonly base: string,
    readonly request: typeof fetch = (...args) => fetch(...args),
  ) {}

  runs(signal: AbortSignal): Promise<Runs> {
    return this.#json<Runs>('runs', {}, signal);
  }

  catalog(run: string, signal: AbortSignal): Promise<Catalog> {
    return this.#json<Catalog>('catalog', { run }, signal);
  }

  statsAxes(run: string, signal: AbortSignal): Promise<StatsAxes> {
    return this.#json<StatsAxes>('stats/axes', { run }, signal);
  }

  /**
   * Float64 `[keys, steps]` of one statistic, `[statistics, keys, steps]` of several; NaN where a
   * key was not recorded at a step.
   */
  stats(wanted: StatsRequest, signal: AbortSignal): Promise<NdArray> {
    const { run, stats, keys, firstStep, lastStep, maxColumns, every, over } = wanted;
    const parameters = {
      run,
      stat: stats,
      key: keys ?? [],
      first_step: firstStep ?? [],
      last_step: lastStep ?? [],
      max_columns: maxColumns ?? [],
      every: every ?? [],
      over: over ?? [],
    };
    return this.#array('stats', parameters, signal);
  }

  findings(run: string, signal: AbortSignal): Promise<Findings> {
    return this.#json<Findings>('findings', { run }, signal);
  }

  origin(run: string, step: number, signal: AbortSignal): Promise<Origin> {
    return this.#json<Origin>('origin', { run, step }, signal);
  }

  /** What was answered at some steps that are spread over the run. */
  verdicts(run: string, maxSteps: number, signal: AbortSignal): Promise<Verdicts> {
    return this.#json<Verdicts>('verdicts', { run, max_steps: maxSteps }, signal);
  }

  /** What was answered at a step; null where nobody knows. Kept, as within a generation it stays. */
  async verdictsAt(
    { run, generation, step }: Pick<ArrayRequest, 'run' | 'generation' | 'step'>,
    signal: AbortSignal,
  ): Promise<StepVerdicts | null> {
    const name = JSON.stringify([run, generation, step]);
    const kept = this.#verdicts.get(name);
    if (kept !== undefined) return kept;
    const { steps } = await this.#verdictsUnderWay.ask(name, signal, ofAll =>
      this.#json<Verdicts>('verdicts', { run, step }, ofAll),
    );
    const [found = null] = steps;
    if (found !== null) {
      this.#verdicts.set(name, found, VERDICT_BYTES * Math.max(1, found.right.length));
    }
    return found;
  }

  /** The layers by how far two positions in the batch part in them. */
  apart(run: string, step: number, a: number, b: number, signal: AbortSignal): Promise<Apart> {
    return this.#json<Apart>('apart', { run, step, a, b }, signal);
  }

  /** What carried the chosen class of a position in the batch; `right` is compared with it. */
  contributions(
    where: { run: string; step: number; sample: number; right?: number },
    signal: AbortSignal,
  ): Promise<Contributions> {
    return this.#json<Contributions>('contributions', { ...where }, signal);
  }

  /** `[steps, elements]`: what a slice selects, at each of the steps of `seriesAxes` of the same range. */
  series(
    run: string,
    key: string,
    slice: string,
    signal: AbortSignal,
    range: StepRange = {},
  ): Promise<NdArray> {
    return this.#array('series', { run, key, slice, ...rangeParameters(range) }, signal);
  }

  seriesAxes(
    run: string,
    key: string,
    signal: AbortSignal,
    range: StepRange = {},
  ): Promise<SeriesAxes> {
    const parameters = { run, key, ...rangeParameters(range) };
    return this.#json<SeriesAxes>('series/axes', parameters, signal);
  }

  histogramAxes(
    run: string,
    key: string,
    signal: AbortSignal,
    range: StepRange = {},
  ): Promise<HistogramAxes> {
    const parameters = { run, key, ...rangeParameters(range) };
    return this.#json<HistogramAxes>('histogram/axes', parameters, signal);
  }

  /** Counts `[steps, bins]`, of the steps of `histogramAxes` of the same range. */
  histogram(
    run: string,
    key: string,
    signal: AbortSignal,
    range: StepRange = {},
  ): Promise<NdArray> {
    return this.#array('histogram', { run, key, ...rangeParameters(range) }, signal);
  }

  /** The elements of one tensor at one step; kept, as they never change within a generation. */
  async array(wanted: ArrayRequest, signal: AbortSignal): Promise<NdArray> {
    const parameters = { ...wanted };
    const url = this.#url('array', parameters);
    const kept = this.#arrays.get(url);
    if (kept !== undefined) return kept;
    const array = await this.#underWay.ask(url, signal, ofAll =>
      this.#array('array', parameters, ofAll),
    );
    this.#arrays.set(url, array, array.values.byteLength + (array.parts?.byteLength ?? 0));
    return array;
  }

  /** Where the same elements can be downloaded from. */
  arrayUrl(wanted: ArrayRequest): string {
    return this.#url('array', { ...wanted });
  }

  #url(route: string, parameters: Parameters): string {
    const url = new URL(route, this.base);
    for (const [name, value] of Object.entries(parameters)) {
      const values = typeof value === 'object' ? value : [String(value)];
      for (const each of values) url.searchParams.append(name, each);
    }
    return url.href;
  }

  /** The body of an answer, as `read` gives it; a body that breaks off is a server that went away. */
  async #body<Body>(
    route: string,
    parameters: Parameters,
    signal: AbortSignal,
    read: (response: Response) => Promise<Body>,
  ): Promise<Body> {
    const url = this.#url(route, parameters);
    try {
      const response = await this.request(url, { signal });
      if (!response.ok) throw await errorOfResponse(response);
      return await read(response);
    } catch (error) {
      if (error instanceof ApiError || isAbort(error)) throw error;
      if (error instanceof NpyError || error instanceof SyntaxError) {
        throw new ApiError('unexpected', `${route}: ${error.message}`, 200, url);
      }
      throw new ApiError('unreachable', 'TensorBoard does not answer', 0, url);
    }
  }

  #json<Body>(route: string, parameters: Parameters, signal: AbortSignal): Promise<Body> {
    return this.#body(route, parameters, signal, response => response.json() as Promise<Body>);
  }

  #array(route: string, parameters: Parameters, signal: AbortSignal): Promise<NdArray> {
    return this.#body(route, parameters, signal, async response =>
      parseNpy(await response.arrayBuffer()),
    );
  }
}
