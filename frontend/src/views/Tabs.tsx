import { TABS } from '../state/address';
import { useApp } from './appContext';
import { TAB_LABELS } from './labels';

/** The ways to look at one tensor. */
export function Tabs() {
  const { selection } = useApp();
  const shown = selection.tab.value;
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(shown) + by + TABS.length) % TABS.length];
    if (next === undefined) return;
    selection.tab.value = next;
    document.getElementById(`lv-tab-${next}`)?.focus();
  };
  return (
    <div class="lv-segments" role="tablist" aria-label="View" onKeyDown={onKeyDown}>
      {TABS.map((tab, i) => (
        <button
          key={tab}
          id={`lv-tab-${tab}`}
          type="button"
          class="lv-segment"
          title={`${TAB_LABELS[tab]} (${i + 1})`}
          role="tab"
          aria-selected={tab === shown}
          aria-controls="lv-pane"
          tabIndex={tab === shown ? 0 : -1}
          onClick={() => {
            selection.tab.value = tab;
          }}
        >
          {TAB_LABELS[tab]}
        </button>
      ))}
    </div>
  );
}
