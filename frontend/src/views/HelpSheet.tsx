import { useApp } from './appContext';
import { Sheet } from './Sheet';
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
  if (!helpOpen.value) return null;
  return (
    <Sheet
      label="Keyboard help"
      title="Keyboard"
      class="lv-help-sheet"
      onClose={() => {
        helpOpen.value = false;
      }}
    >
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
    </Sheet>
  );
}
