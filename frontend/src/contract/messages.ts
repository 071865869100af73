/** The JSON bodies of the HTTP interface, as `tb_layerview/contract/messages.py` declares them. */

export type Kind =
  | 'param'
  | 'buffer'
  | 'grad'
  | 'input'
  | 'output'
  | 'output_grad'
  | 'tap'
  | 'sample';

export type Stored = 'exact' | 'pyramid' | 'statistics';

export type Statistic =
  | 'count'
  | 'nan'
  | 'pos_inf'
  | 'neg_inf'
  | 'zero'
  | 'min'
  | 'max'
  | 'mean'
  | 'std'
  | 'rms'
  | 'max_abs';

export interface Run {
  name: string;
  frames: number;
  first_step: number | null;
  last_step: number | null;
  skipped: number;
}

export interface Runs {
  runs: Run[];
}

export interface Module {
  path: string;
  class_name: string;
  repr: string;
  order: number;
}

export interface Tensor {
  key: string;
  module: string;
  kind: Kind;
  shape: number[];
  dtype: string;
  axes: string[];
  stored: Stored;
}

export interface Catalog {
  generation: string;
  steps: number[];
  modules: Module[];
  tensors: Tensor[];
  samples: number[];
  problems: string[];
}

export interface StatsAxes {
  keys: string[];
  steps: number[];
}

export interface HistogramAxes {
  steps: number[];
  edges: number[];
}

export interface ErrorDetail {
  code: 'not_found' | 'malformed' | 'too_large' | 'damaged' | 'method_not_allowed';
  message: string;
}

export interface ErrorBody {
  error: ErrorDetail;
}
