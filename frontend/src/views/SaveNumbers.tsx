import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ArrayRequest } from '../api/client';
import { isAbort } from '../api/errors';
import type { Tensor } from '../contract/messages';
import { counted } from '../scale/format';
import { type CsvAxis, collectPieces, csvPieces, MAX_CSV_ELEMENTS } from '../state/csv';
import { blockSides } from '../state/levels';
import { fileStem, type SavedPlane, type Taken } from '../state/takeAway';
import { PLANE_LABELS } from '../state/wording';
import { useApp } from './appContext';
import { download } from './download';

interface Props {
  tensor: Tensor;
  taken: Taken;
}

function requestOf(taken: Taken, plane: SavedPlane): ArrayRequest {
  const { run, key, step, index, level, generation } = taken;
  const blocks = level > 0 ? { level, plane } : {};
  return { run, key, step, slice: index.replaceAll(' ', ''), generation, ...blocks };
}

function axesOf(tensor: Tensor, level: number): CsvAxis[] {
  const blocks = blockSides(tensor.shape.length, level);
  return tensor.shape.map((_, axis) => ({
    name: tensor.axes[axis] ?? `Axis ${axis}`,
    block: blocks[axis] ?? 1,
  }));
}

/** One file of numbers, as NumPy's and as comma-separated values. */
function PlaneFiles({ tensor, taken, plane }: Props & { plane: SavedPlane }) {
  const { view } = useApp();
  const stem = fileStem(taken, plane);
  const progress = useSignal<number | null>(null);
  const failure = useSignal<string | null>(null);
  const aborter = useRef<AbortController | null>(null);
  useEffect(() => () => aborter.current?.abort(), []);
  const saveCsv = async () => {
    const work = new AbortController();
    aborter.current = work;
    failure.value = null;
    progress.value = 0;
    try {
      const array = await view.client.array(requestOf(taken, plane), work.signal);
      const pieces = csvPieces(array, taken.parts, axesOf(tensor, taken.level));
      const onProgress = (share: number) => {
        progress.value = share;
      };
      const text = await collectPieces(pieces, taken.count, onProgress, work.signal);
      download(`${stem}.csv`, new Blob(text, { type: 'text/csv' }));
    } catch (error) {
      if (!isAbort(error)) failure.value = error instanceof Error ? error.message : String(error);
    }
    progress.value = null;
  };
  const isTooLong = taken.count > MAX_CSV_ELEMENTS;
  const most = MAX_CSV_ELEMENTS.toLocaleString('en');
  return (
    <p class="lv-save-plane">
      {taken.level > 0 && <span class="lv-save-plane-name">{PLANE_LABELS[plane]}</span>}
      <a
        class="lv-button"
        href={view.client.arrayUrl(requestOf(taken, plane))}
        download={`${stem}.npy`}
      >
        NumPy (.npy)
      </a>
      <button
        type="button"
        class="lv-button"
        disabled={isTooLong || progress.value !== null}
        onClick={() => void saveCsv()}
      >
        CSV
      </button>
      {isTooLong && (
        <span class="lv-muted">
          CSV has at most {most} elements: zoom in, or take the .npy file.
        </span>
      )}
      {progress.value !== null && (
        <>
          <progress value={progress.value} max={1} aria-label="Elements written" />
          <button type="button" class="lv-link" onClick={() => aborter.current?.abort()}>
            Stop
          </button>
        </>
      )}
      {failure.value !== null && <span role="alert">Not saved: {failure.value}.</span>}
    </p>
  );
}

/** The recorded numbers behind what is shown. */
export function SaveNumbers({ tensor, taken }: Props) {
  const { level, shown, planes } = taken;
  const what =
    level === 0
      ? counted(taken.count, 'element')
      : `${counted(taken.count, 'block')} of level ${level}`;
  return (
    <section>
      <h3>
        The {what} of <code>[{taken.index}]</code>
      </h3>
      {taken.order !== null && (
        <p>In the order of the tensor's axes: the picture has them in another.</p>
      )}
      {planes.length > 1 && (
        <p>
          The {PLANE_LABELS[shown]} that is shown is made of these two; the Python below makes it.
        </p>
      )}
      {planes.map(plane => (
        <PlaneFiles key={plane} tensor={tensor} taken={taken} plane={plane} />
      ))}
    </section>
  );
}
