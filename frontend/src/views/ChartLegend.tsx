import type { ReadonlySignal } from '@preact/signals';
import { formatShort } from '../scale/format';
import { lineName } from '../state/chartChoice';
import type { ChartLine } from '../state/chartLines';
import { isShare, MEASURE_LABELS, type ShownMeasure } from '../state/measures';
import { useApp } from './appContext';
import type { LineLook } from './chartLooks';
import { percentText } from './plot';
import { useKeyText } from './useKeyText';

const DIGITS = 4;

/** The place of the value that stands for a step; -1 where the line has none there. */
export function placeOfStep({ blocks }: Pick<ChartLine, 'blocks'>, step: number): number {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((blocks[middle]?.[1] ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  const block = blocks[low];
  return block !== undefined && block[0] <= step ? low : -1;
}

function valueWords(line: ChartLine, step: number | null): string {
  const at = step === null ? -1 : placeOfStep(line, step);
  if (at < 0) return '';
  const [value, bad] = [line.values[at] ?? Number.NaN, line.nonFinite[at] ?? Number.NaN];
  if (Number.isNaN(bad)) return 'not recorded';
  if (Number.isNaN(value)) return 'none';
  const format = (number: number) => formatShort(number, DIGITS);
  return isShare(line.measure) ? percentText(value, format) : format(value);
}

interface Props {
  lines: readonly ChartLine[];
  looks: ReadonlyMap<ChartLine, LineLook>;
  measures: readonly ShownMeasure[];
  off: readonly string[];
  hovered: ReadonlySignal<number | null>;
  onToggle: (name: string) => void;
  onOpen: (line: ChartLine, step: number) => void;
}

/** A line for each tensor and run: what it looks like, whether it is drawn, its value at a step. */
export function ChartLegend({ lines, looks, measures, off, hovered, onToggle, onOpen }: Props) {
  const { view } = useApp();
  const textOf = useKeyText();
  const step = hovered.value ?? view.step.value;
  const rows = new Map<string, ChartLine[]>();
  for (const line of lines) {
    const name = lineName(line.run, line.key);
    rows.set(name, [...(rows.get(name) ?? []), line]);
  }
  const several = new Set(lines.map(({ run }) => run)).size > 1;
  return (
    <div class="lv-chart-legend">
      <table aria-label={`The lines, and their values at step ${step}`}>
        <thead>
          <tr>
            <th scope="col">
              <span class="lv-hidden">Shown</span>
            </th>
            <th scope="col">Tensor</th>
            {several && <th scope="col">Run</th>}
            {measures.map(measure => (
              <th scope="col" key={measure}>
                {MEASURE_LABELS[measure]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...rows].map(([name, ofRow]) => {
            const [first] = ofRow;
            if (first === undefined) return null;
            const { run, key } = first;
            const at = step === null ? -1 : placeOfStep(first, step);
            const bad = first.nonFinite[at] ?? 0;
            const isOn = !off.includes(name);
            return (
              <tr key={name} class={isOn ? '' : 'lv-chart-off'}>
                <td>
                  <input
                    type="checkbox"
                    checked={isOn}
                    aria-label={`Draw ${textOf(key, run)} of ${run}`}
                    onChange={() => onToggle(name)}
                  />
                </td>
                <th scope="row">
                  <button
                    type="button"
                    class="lv-link lv-drawn"
                    title="Show this tensor at this step"
                    onClick={() => step !== null && onOpen(first, step)}
                  >
                    {textOf(key, run)}
                  </button>
                  {bad > 0 && (
                    <span class="lv-chart-bad"> {bad.toLocaleString('en')} NaN or Inf</span>
                  )}
                </th>
                {several && <td>{run}</td>}
                {measures.map(measure => {
                  const line = ofRow.find(each => each.measure === measure);
                  const look = line && looks.get(line);
                  return (
                    <td key={measure} class="lv-chart-value">
                      {look && (
                        <span
                          class="lv-line-swatch"
                          style={{ background: `var(${look.color})` }}
                          aria-hidden="true"
                        />
                      )}
                      {line && valueWords(line, step)}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
