import { useEffect, useRef } from 'preact/hooks';
import { useApp } from './appContext';
import { Icon } from './Icon';

const SECTIONS: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Steps',
    keys: [
      ['← →', 'previous and next recorded step'],
      ['Home End', 'first and last step'],
      ['Space', 'play, pause'],
      ['F', 'follow the newest step'],
    ],
  },
  {
    title: 'What is shown',
    keys: [
      ['/', 'filter the layers'],
      ['J K', 'next and previous tensor'],
      ['[ ]', 'previous and next sample'],
      ['T', 'swap rows and columns'],
      ['1 2 3 4', 'heat map, compare, values, statistics'],
      ['S', 'save the picture, its numbers, code or a link'],
      ['L A G H', 'layers, samples, findings, health map'],
      ['Esc', 'close the chart of a cell; from one large map back to all'],
    ],
  },
  {
    title: 'In the layer tree',
    keys: [
      ['↑ ↓', 'go to a line'],
      ['→ ←', 'open and close a layer'],
      ['Enter', 'show the tensor'],
    ],
  },
  {
    title: 'In a picture (click it, or Tab to it)',
    keys: [
      ['Arrows', 'move from cell to cell'],
      ['+ −', 'zoom; also the wheel, or two fingers'],
      ['Drag', 'pan'],
      ['0', 'all of it again; also double click'],
      ['← →', 'on an end of the colour scale: move it; double click takes all'],
      ['Enter', 'a map of a gallery large; a cell over all steps (also a click)'],
    ],
  },
];

/** Opens the sheet of keys. */
export function HelpButton() {
  const { helpOpen } = useApp();
  return (
    <button
      type="button"
      class="lv-button lv-icon-button lv-help-button"
      title="Keyboard help (?)"
      aria-label="Keyboard help"
      onClick={() => {
        helpOpen.value = true;
      }}
    >
      ?
    </button>
  );
}

/** The keys, on a sheet above the page. */
export function HelpSheet() {
  const { helpOpen } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const close = () => {
    helpOpen.value = false;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the browser closes a dialog on Escape
    <dialog
      ref={dialog}
      class="lv-help"
      aria-label="Keyboard help"
      onClose={close}
      onClick={event => {
        if (event.target === dialog.current) close(); // the backdrop
      }}
    >
      <div class="lv-help-sheet">
        <h2>Keyboard</h2>
        <button
          type="button"
          class="lv-button lv-icon-button lv-help-close"
          aria-label="Close"
          onClick={close}
        >
          <Icon name="close" />
        </button>
        {SECTIONS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, meaning]) => (
                <div key={key}>
                  <dt>
                    {key.split(' ').map(part => (
                      <kbd key={part}>{part}</kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}
