import type { Place, Tab } from '../state/address';

export const TAB_LABELS: Readonly<Record<Tab, string>> = {
  heat: 'Heat map',
  compare: 'Compare',
  values: 'Values',
  statistics: 'Statistics',
};

export const PLACE_LABELS: Readonly<Record<Place, string>> = {
  layer: 'Layers',
  samples: 'Samples',
  findings: 'Findings',
  health: 'Health',
  charts: 'Charts',
};

/** The keys that lead there. */
export const PLACE_KEYS: Readonly<Record<Place, string>> = {
  layer: 'l',
  samples: 'a',
  findings: 'g',
  health: 'h',
  charts: 'c',
};
