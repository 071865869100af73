import type { Figure } from '../state/figure';
import { cellWords, reasonForLevel } from '../state/levels';

/** What the cells of a figure stand for; null where they are plain elements. */
export function cellsNote({ request, array }: Figure): string | null {
  const { tensor, plan } = request;
  const isComplex = array.parts !== undefined || tensor.dtype.startsWith('complex');
  if (isComplex) return 'complex elements are drawn by their magnitude';
  // What is drawn in tiles says of each view what its cells are.
  if (plan.level === 0 || plan.tiled) return null;
  const words = cellWords(tensor.shape, plan.level, plan.plane);
  const reason = reasonForLevel(tensor, plan.drawn, plan.parts);
  return reason === null ? words : `${words}; ${reason}`;
}

/** The same as a line above numbers. */
export function CellsNote({ figure }: { figure: Figure }) {
  // Complex numbers stand there with both their parts.
  const note = figure.array.parts === undefined ? cellsNote(figure) : null;
  return note === null ? null : <p class="lv-cells-note">{note}</p>;
}
