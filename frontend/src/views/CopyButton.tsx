import { useEffect, useState } from 'preact/hooks';
import { Icon } from './Icon';

const THANKS_MS = 1500;

/**
 * Copies by the old way where the clipboard's own is refused: TensorBoard is often opened over
 * plain HTTP from another machine, and its frame has no permission to write to the clipboard.
 */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  // Where a sheet is open, only what is in it can be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  const focused = document.activeElement;
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

interface Props {
  text: string;
  /** What is copied, in words: the name of the button. */
  what: string;
  label?: string;
}

/** Puts a text on the clipboard, and says whether that worked. */
export function CopyButton({ text, what, label }: Props) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), THANKS_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => setOutcome((await copyText(text)) ? 'copied' : 'refused');
  const words = outcome === 'refused' ? 'Select and copy by hand' : outcome ? 'Copied' : label;
  return (
    <button
      type="button"
      class="lv-button lv-icon-button"
      title={`Copy ${what}`}
      aria-label={`Copy ${what}`}
      onClick={() => void copy()}
    >
      <Icon name={outcome === 'copied' ? 'check' : 'copy'} />
      {words && <span aria-live="polite">{words}</span>}
    </button>
  );
}
