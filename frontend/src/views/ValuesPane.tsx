import { useRef } from 'preact/hooks';
import { ValueTable } from '../picture';
import { useApp } from './appContext';
import { CellsNote, cellsNote } from './CellsNote';
import { MapPicker } from './MapPicker';
import { usePaneHeight } from './usePaneRoom';

/** Room for the padding of the pane and the picker above the table, in CSS pixels. */
const SURROUNDINGS_PX = 72;
const NOTE_PX = 24;

/** The tab of the numbers: every digit of one matrix. */
export function ValuesPane() {
  const { view, selection } = useApp();
  const pane = useRef<HTMLDivElement>(null);
  const height = usePaneHeight(pane);
  const figure = view.figure.value;
  const map = figure?.maps[Math.min(selection.map.value ?? 0, figure.maps.length - 1)];
  return (
    <div id="lv-pane" class="lv-pane" role="tabpanel" aria-labelledby="lv-tab-values" ref={pane}>
      {figure && map && (
        <>
          <MapPicker figure={figure} />
          <CellsNote figure={figure} />
          <ValueTable
            matrix={map.matrix}
            rowAxis={figure.rowAxis}
            colAxis={figure.colAxis}
            wording={figure.wording}
            title={map.title || figure.request.tensor.key}
            maxHeight={height - SURROUNDINGS_PX - (cellsNote(figure) === null ? 0 : NOTE_PX)}
          />
        </>
      )}
    </div>
  );
}
