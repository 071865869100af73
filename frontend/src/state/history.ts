/** How the histograms of all steps are drawn: a column of colours a step, or a curve a step. */
export const HISTORY_KINDS = ['strip', 'ridge'] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];
