import type { Signal } from '@preact/signals';
import type { Region } from '../picture';
import type { Difference } from '../scale/compare';
import { formatShort, formatValue } from '../scale/format';
import type { Figure } from '../state/figure';
import { tensorIndex } from '../state/plan';
import { useApp } from './appContext';

interface Props {
  a: Figure;
  b: Figure;
  summary: Difference;
  /** Addresses of the elements that are furthest apart. */
  places: readonly number[];
  region: Signal<Region | null>;
}

/** Rows and columns around a place that one is led to. */
const AROUND = 8;

function placeOf({ array }: Figure, address: number): number[] {
  let rest = address;
  return array.strides.map(stride => {
    const index = Math.floor(rest / stride);
    rest -= index * stride;
    return index;
  });
}

/** How two arrays differ, in numbers, and where they do so most. */
export function CompareList({ a, b, summary, places, region }: Props) {
  const { selection } = useApp();
  const { tensor, plan } = a.request;
  const show = (place: readonly number[]) => {
    const [row = 0, col = 0] = place.slice(-2);
    if (a.layout === 'gallery') {
      const map = a.maps.findIndex(({ index }) => String(index) === String(place.slice(0, -2)));
      selection.map.value = map;
    }
    if (place.length < 2) return;
    const around = (at: number, extent: number) => {
      const from = Math.max(0, Math.min(at - AROUND, extent - 2 * AROUND));
      return [from, Math.min(extent, from + 2 * AROUND)] as const;
    };
    const [rows = 1, cols = 1] = a.array.shape.slice(-2);
    region.value = { rows: around(row, rows), cols: around(col, cols) };
  };
  const number = (value: number) => (Number.isNaN(value) ? 'none' : formatShort(value, 4));
  const share = ((100 * summary.unequal) / Math.max(1, summary.count)).toFixed(1);
  const facts: [string, string][] = [
    ['max |A - B|', number(summary.maxAbs)],
    ['rms of A - B', number(summary.rms)],
    ['the same, beside rms of A', number(summary.relative)],
    ['cosine similarity', number(summary.cosine)],
    ['unequal elements', `${summary.unequal.toLocaleString('en')} (${share} %)`],
    ['not finite in one only', summary.unlike.toLocaleString('en')],
  ];
  return (
    <>
      <table class="lv-stats lv-compare-facts">
        <tbody>
          {facts.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {places.length === 0 ? (
        <p>They are equal in every element.</p>
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
            {places.map(address => {
              const place = placeOf(a, address);
              const text = (figure: Figure) =>
                formatValue(figure.array.values[address] ?? Number.NaN, figure.array.values);
              return (
                <tr key={address}>
                  <th scope="row">
                    <button type="button" class="lv-link" onClick={() => show(place)}>
                      [{tensorIndex(plan, tensor.shape, place)}]
                    </button>
                  </th>
                  <td>{text(a)}</td>
                  <td>{text(b)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </>
  );
}
