import type { ComponentChildren } from 'preact';
import type { Pair } from '../scale/difference';
import { formatShort, formatValue } from '../scale/format';
import type { Values } from '../scale/types';
import type { DifferenceReport } from '../state/wholeDifference';

interface Props {
  report: DifferenceReport;
  /** Arrays of the elements' types: how many digits they have. */
  kinds: readonly [a: Values, b: Values];
  /** The index of a pair into the whole tensor. */
  indexOf: (pair: Pair) => string;
  /** Shows where a pair is. */
  onShow: (pair: Pair) => void;
  /** What is counted: `elements`, or `blocks`. */
  unit?: string;
  /** What the numbers are of, where that is not every element, and how to come to those. */
  children?: ComponentChildren;
}

/** How two arrays differ, in numbers, and where they do so most. */
export function CompareList({
  report,
  kinds,
  indexOf,
  onShow,
  unit = 'elements',
  children,
}: Props) {
  const { summary, furthest } = report;
  const number = (value: number) => (Number.isNaN(value) ? 'none' : formatShort(value, 4));
  const share = ((100 * summary.unequal) / Math.max(1, summary.count)).toFixed(1);
  const facts: [string, string][] = [
    ['max |A - B|', number(summary.maxAbs)],
    ['rms of A - B', number(summary.rms)],
    ['rms of A - B, by that of A', number(summary.relative)],
    ['cosine similarity', number(summary.cosine)],
    [`unequal ${unit}`, `${summary.unequal.toLocaleString('en')} (${share} %)`],
    ['not finite in one only', summary.unlike.toLocaleString('en')],
  ];
  return (
    <>
      <div class="lv-compare-facts">
        {children}
        <table class="lv-stats">
          <tbody>
            {facts.map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {furthest.length === 0 ? (
        <p>{summary.unequal === 0 && `All ${unit} are equal.`}</p>
      ) : (
        <table class="lv-stats lv-compare-list">
          <caption>Largest differences</caption>
          <thead>
            <tr>
              <th scope="col">index</th>
              <th scope="col">A</th>
              <th scope="col">B</th>
            </tr>
          </thead>
          <tbody>
            {furthest.map(pair => (
              <tr key={pair.place}>
                <th scope="row">
                  <button type="button" class="lv-link" onClick={() => onShow(pair)}>
                    [{indexOf(pair)}]
                  </button>
                </th>
                <td>{formatValue(pair.a, kinds[0])}</td>
                <td>{formatValue(pair.b, kinds[1])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
