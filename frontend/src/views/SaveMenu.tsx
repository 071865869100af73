import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { csvOf, MAX_CSV_ELEMENTS } from '../state/csv';
import type { Figure } from '../state/figure';
import { fileStem, pythonOf, runDirectory, type Taken, takenOf } from '../state/takeAway';
import { PLANE_LABELS } from '../state/wording';
import { useApp } from './appContext';
import { CopyButton } from './CopyButton';
import { drawnSvg, pngOf, svgText } from './drawnSvg';
import { Icon } from './Icon';

function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has the content by then, or the browser asked where to put it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** The parts of the page that make the picture. */
function pictureParts(): Element[] {
  const parts = ['.lv-heading-words', '#lv-pane', '.lv-legend-bar'];
  return parts.flatMap(part => [...document.querySelectorAll(part)]);
}

async function saveCsv(app: ReturnType<typeof useApp>, taken: Taken, kept: readonly KeptAxis[]) {
  const { key, step, level, plane, index, run, generation } = taken;
  const slice = index.replaceAll(' ', '');
  const request = { run, key, step, slice, generation, ...(level > 0 ? { level, plane } : {}) };
  const array = await app.view.client.array(request, new AbortController().signal);
  const count = array.shape.reduce((product, extent) => product * extent, 1);
  if (count > MAX_CSV_ELEMENTS) {
    throw new RangeError(
      `a CSV file has at most ${MAX_CSV_ELEMENTS.toLocaleString('en')} elements, this slice has ${count.toLocaleString('en')}: take the .npy file`,
    );
  }
  const content = csvOf(
    array,
    kept.map(axis => axis.name),
    kept.map(axis => axis.start),
  );
  download(`${fileStem(taken)}.csv`, new Blob([content], { type: 'text/csv' }));
}

interface KeptAxis {
  name: string;
  /** The index of the axis, of elements or of blocks, from which on it is taken. */
  start: number;
}

/** The axes that a slice keeps. */
function keptAxes(figure: Figure, taken: Taken): KeptAxis[] {
  const parts = taken.index.split(', ');
  return figure.request.tensor.axes.flatMap((name, axis): KeptAxis[] => {
    const part = parts[axis] ?? ':';
    return part.includes(':') ? [{ name, start: Number(part.split(':')[0]) }] : [];
  });
}

function Sheet({ figure, onClose }: { figure: Figure; onClose: () => void }) {
  const app = useApp();
  const { view, selection, page } = app;
  const dialog = useRef<HTMLDialogElement>(null);
  const location = useSignal<string | null>(null);
  const failure = useSignal<string | null>(null);
  useEffect(() => {
    dialog.current?.showModal();
    const aborter = new AbortController();
    view.client.dataLocation(aborter.signal).then(
      found => {
        location.value = found;
      },
      () => {
        // Without it the snippet names the run as TensorBoard does.
        location.value = null;
      },
    );
    return () => aborter.abort();
  }, [view, location]);
  const opened = selection.map.value;
  const map = opened === null || figure.maps.length < 2 ? undefined : figure.maps[opened];
  const taken = takenOf(figure, map, selection.region.value);
  const stem = fileStem(taken);
  const python = pythonOf(taken, runDirectory(taken.run, location.value));
  const npy = view.client.arrayUrl({
    run: taken.run,
    key: taken.key,
    step: taken.step,
    slice: taken.index.replaceAll(' ', ''),
    generation: taken.generation,
    ...(taken.level > 0 ? { level: taken.level, plane: taken.plane } : {}),
  });
  const attempt = (work: () => Promise<void>) => {
    failure.value = null;
    work().catch((error: unknown) => {
      failure.value = error instanceof Error ? error.message : String(error);
    });
  };
  const isPicture = selection.tab.value === 'heat';
  const what =
    taken.level === 0 ? 'elements' : `${taken.plane} of the blocks of level ${taken.level}`;
  const shownPlane = figure.request.plan.plane;
  // An extreme and a range are made by the page, out of two planes that the log has.
  const isPart = taken.level > 0 && shownPlane !== taken.plane;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the browser closes a dialog on Escape
    <dialog
      ref={dialog}
      class="lv-help"
      aria-label="Save"
      onClose={onClose}
      onClick={event => {
        if (event.target === dialog.current) onClose(); // the backdrop
      }}
    >
      <div class="lv-save-sheet">
        <h2>Save</h2>
        <button
          type="button"
          class="lv-button lv-icon-button lv-help-close"
          aria-label="Close"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
        {isPicture && (
          <section>
            <h3>The picture, as it is seen, with its axes and legend</h3>
            <button
              type="button"
              class="lv-button"
              onClick={() =>
                attempt(async () => {
                  const svg = drawnSvg(pictureParts());
                  download(`${stem}.png`, await pngOf(svg, window.devicePixelRatio || 1));
                })
              }
            >
              PNG
            </button>{' '}
            <button
              type="button"
              class="lv-button"
              onClick={() =>
                attempt(async () => {
                  const text = svgText(drawnSvg(pictureParts()));
                  download(`${stem}.svg`, new Blob([text], { type: 'image/svg+xml' }));
                })
              }
            >
              SVG
            </button>
          </section>
        )}
        <section>
          <h3>
            The {what} of <code>[{taken.index}]</code>
          </h3>
          {isPart && (
            <p>
              The {PLANE_LABELS[shownPlane]} that is shown is made of min and max; this is the max
              alone. Show min, too, to take both.
            </p>
          )}
          {taken.order !== null && (
            <p>In the order of the tensor's axes: the picture has them in another.</p>
          )}
          <a class="lv-button" href={npy} download={`${stem}.npy`}>
            NumPy (.npy)
          </a>{' '}
          <button
            type="button"
            class="lv-button"
            onClick={() => attempt(() => saveCsv(app, taken, keptAxes(figure, taken)))}
          >
            CSV
          </button>
        </section>
        <section>
          <h3>Python that loads exactly this</h3>
          <pre class="lv-snippet">{python}</pre>
          <CopyButton text={python} what="the Python code" label="Copy" />
        </section>
        <section>
          <h3>A link to this view</h3>
          <CopyButton text={page.address()} what="the link to this view" label="Copy the link" />
        </section>
        {failure.value !== null && <p role="alert">Not saved: {failure.value}.</p>}
      </div>
    </dialog>
  );
}

/** Opens the sheet of what can be taken away. */
export function SaveButton() {
  const { view, saveOpen } = useApp();
  const figure = view.figure.value;
  if (figure === null) return null;
  return (
    <>
      <button
        type="button"
        class="lv-button lv-save-button"
        title="Save the picture, its numbers, code or a link (S)"
        onClick={() => {
          saveOpen.value = true;
        }}
      >
        Save…
      </button>
      {saveOpen.value && (
        <Sheet
          figure={figure}
          onClose={() => {
            saveOpen.value = false;
          }}
        />
      )}
    </>
  );
}
