import { modelText } from '../state/modelText';
import { useApp } from './appContext';
import { CopyButton } from './CopyButton';
import { Icon } from './Icon';
import { Sheet, SheetButton } from './Sheet';

/** Opens the sheet of the model. */
export function ModelButton() {
  return (
    <SheetButton
      name="model"
      class="lv-icon-button"
      title="The model as text, with the location of every layer (M)"
      label="The model as text"
    >
      <Icon name="text" />
    </SheetButton>
  );
}

function Printed() {
  const { tree } = useApp();
  const text = modelText(tree.roots.value);
  return (
    <>
      <p>
        As <code>print(model)</code> has it, with the location of each layer in Python.
      </p>
      <pre class="lv-snippet lv-model-text">{text}</pre>
      <CopyButton text={text} what="the model" label="Copy" />
    </>
  );
}

/** The model, with the location of every layer. */
export function ModelSheet() {
  return (
    <Sheet name="model" title="The model" class="lv-save-sheet lv-model-sheet">
      <Printed />
    </Sheet>
  );
}
