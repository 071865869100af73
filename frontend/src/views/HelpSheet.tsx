import { Sheet, SheetButton } from './Sheet';
import { HELP } from './shortcuts';

/** Opens the sheet of keys. */
export function HelpButton() {
  return (
    <SheetButton
      name="help"
      class="lv-icon-button lv-help-button"
      title="Keyboard help (?)"
      label="Keyboard help"
    >
      ?
    </SheetButton>
  );
}

/** The keys, on a sheet above the page. */
export function HelpSheet() {
  return (
    <Sheet name="help" title="Keyboard help" class="lv-help-sheet">
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
