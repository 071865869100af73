import { useApp } from './appContext';
import { Icon } from './Icon';
import { useKeyText } from './useKeyText';

/** Puts a tensor above the layer tree, or takes it from there. */
export function PinButton({ tensorKey }: { tensorKey: string }) {
  const { selection } = useApp();
  const textOf = useKeyText();
  const isPinned = selection.pinned.value.includes(tensorKey);
  const title = isPinned ? 'Unpin it (P)' : 'Pin it above the layers (P)';
  return (
    <button
      type="button"
      class="lv-button lv-icon-button lv-pin"
      aria-pressed={isPinned}
      aria-label={`Pin ${textOf(tensorKey)}`}
      title={title}
      onClick={() => selection.togglePin(tensorKey)}
    >
      <Icon name="pin" />
    </button>
  );
}
