import { TABS, type Tab } from '../state/address';
import { useApp } from './appContext';
import { TAB_LABELS } from './labels';
import { onArrows } from './roving';

/** The ways to look at one tensor. */
export function Tabs() {
  const { selection } = useApp();
  const shown = selection.tab.value;
  const choose = (tab: Tab) => {
    selection.tab.value = tab;
  };
  return (
    <div
      class="lv-segments"
      role="tablist"
      aria-label="View"
      onKeyDown={onArrows(TABS, shown, choose)}
    >
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
          onClick={() => choose(tab)}
        >
          {TAB_LABELS[tab]}
        </button>
      ))}
    </div>
  );
}
