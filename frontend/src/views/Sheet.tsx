import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './Icon';

interface Props {
  /** What a screen reader calls it. */
  label: string;
  title: string;
  class: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A sheet above the page, from the moment it is drawn; Escape, its button and the page around it close it. */
export function Sheet({ label, title, class: inner, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  // Closed by the browser, which gives the focus back to what had it before.
  const close = () => dialog.current?.close();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the browser closes a dialog on Escape
    <dialog
      ref={dialog}
      class="lv-help"
      aria-label={label}
      onClose={onClose}
      onClick={event => {
        if (event.target === dialog.current) close(); // the backdrop
      }}
    >
      <div class={inner}>
        <h2>{title}</h2>
        <button
          type="button"
          class="lv-button lv-icon-button lv-help-close"
          aria-label="Close"
          onClick={close}
        >
          <Icon name="close" />
        </button>
        {children}
      </div>
    </dialog>
  );
}
