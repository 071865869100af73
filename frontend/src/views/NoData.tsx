import { useApp } from './appContext';
import { CopyButton } from './CopyButton';
import { Message } from './Message';

const SAMPLE = `from torch.utils.tensorboard import SummaryWriter
from tb_layerview import LayerView

writer = SummaryWriter("runs/exp1")
view = LayerView(model, writer, kinds=("param", "output"), every=100)

for step, (images, labels) in enumerate(loader):
    with view.step(step, inputs=images, targets=labels) as recording:
        logits = model(images)
        recording.predictions(logits)
        loss = loss_fn(logits, labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

view.close()`;

/** What a run without layer data needs: the few lines that record some. */
export function NoData() {
  const { view } = useApp();
  return (
    <Message
      title="No run has layer data yet"
      actions={
        <button type="button" class="lv-button" onClick={() => view.runs.reload()}>
          Look again
        </button>
      }
    >
      <p>
        Wrap the steps of a training loop to record the weights and outputs of every layer. The
        first recorded step appears here by itself, a few seconds after it is written.
      </p>
      <div class="lv-code">
        <pre>{SAMPLE}</pre>
        <CopyButton text={SAMPLE} what="the code" label="Copy" />
      </div>
      <p class="lv-muted">
        Recording already? TensorBoard must read the directory that the writer writes to:{' '}
        <code>tensorboard --logdir runs</code>
      </p>
    </Message>
  );
}
