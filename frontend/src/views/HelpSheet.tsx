import { useEffect, useRef } from 'preact/hooks';
import { useApp } from './appContext';
import { Icon } from './Icon';
import { HELP } from './shortcuts';

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
        {HELP.map(({ title, lines }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {lines.map(({ caps, meaning }) => (
                <div key={meaning}>
                  <dt>
                    {caps.map(cap => (
                      <kbd key={cap}>{cap}</kbd>
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
