import { useSignal } from '@preact/signals';
import { download } from './download';
import { drawnSvg, pngOf, svgText } from './drawnSvg';

interface Props {
  /** The parts of the page that make the picture, as selectors, from top to bottom. */
  parts: readonly string[];
  /** The name of the file, without its ending. */
  stem: string;
}

/** The picture as a file. */
export function SavePicture({ parts, stem }: Props) {
  const failure = useSignal<string | null>(null);
  const drawn = () => drawnSvg(parts.flatMap(part => [...document.querySelectorAll(part)]));
  const save = async (make: () => Promise<[name: string, content: Blob]>) => {
    failure.value = null;
    try {
      download(...(await make()));
    } catch (error) {
      failure.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <section>
      <h3>The picture, as it is seen, with its axes and legend</h3>
      <button
        type="button"
        class="lv-button"
        onClick={() =>
          void save(async () => [`${stem}.png`, await pngOf(drawn(), window.devicePixelRatio || 1)])
        }
      >
        PNG
      </button>{' '}
      <button
        type="button"
        class="lv-button"
        onClick={() =>
          void save(async () => [
            `${stem}.svg`,
            new Blob([svgText(drawn())], { type: 'image/svg+xml' }),
          ])
        }
      >
        SVG
      </button>
      {failure.value !== null && <p role="alert">Not saved: {failure.value}.</p>}
    </section>
  );
}
