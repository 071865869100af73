import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { SheetName } from '../state/app';
import { useApp } from './appContext';
import { Icon } from './Icon';

interface Props {
  name: SheetName;
  title: string;
  class: string;
  children: ComponentChildren;
}

/** A sheet above the page, while it is open; Escape, its button and a click beside it close it. */
export function Sheet(props: Props) {
  return useApp().sheet.value === props.name ? <OpenSheet {...props} /> : null;
}

function OpenSheet({ title, class: inner, children }: Props) {
  const { sheet } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const pressed = useRef<EventTarget | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  // Closed by the browser, which gives the focus back to what had it before.
  const close = () => dialog.current?.close();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the browser closes a dialog on Escape
    <dialog
      ref={dialog}
      class="lv-help"
      aria-label={title}
      onClose={() => {
        sheet.value = null;
      }}
      onPointerDown={event => {
        pressed.current = event.target;
      }}
      onClick={event => {
        // A text that is selected by a drag which ends beside the sheet is no click beside it.
        const isBeside = [pressed.current, event.target].every(each => each === dialog.current);
        if (isBeside) close();
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

interface ButtonProps {
  name: SheetName;
  class: string;
  title: string;
  /** What a screen reader calls it, where that is not what stands on it. */
  label?: string;
  children: ComponentChildren;
}

/** Opens a sheet. */
export function SheetButton({ name, class: look, title, label, children }: ButtonProps) {
  const { sheet } = useApp();
  return (
    <button
      type="button"
      class={`lv-button ${look}`}
      title={title}
      aria-label={label}
      onClick={() => {
        sheet.value = name;
      }}
    >
      {children}
    </button>
  );
}
