import { useMemo } from 'preact/hooks';
import { ColorBar } from '../picture';
import { rowMatrix } from '../scale/matrix';
import { resolveScale } from '../scale/scale';
import { GROUP_LABELS } from '../state/groups';
import { GROUPS } from '../state/healthChoice';
import { type HealthTable, settingsOf } from '../state/healthMap';
import { MEASURE_LABELS, SHOWN_MEASURES } from '../state/measures';
import { useApp } from './appContext';
import { Choice } from './Choice';
import { HealthStrips } from './HealthStrips';
import { Failure, Message } from './Message';
import { SaveButton } from './SaveSheet';
import { useKeyText } from './useKeyText';

/** How far a map that comes in parts is. */
function Progress({ table }: { table: HealthTable }) {
  const { view } = useApp();
  const total = view.steps.value.length;
  if (table.stepsRead >= total) return null;
  const words = [table.stepsRead, total].map(count => count.toLocaleString('en'));
  return (
    <span class="lv-muted" role="status">
      {table.wholeColumns === 0
        ? `A few of ${words[1]} steps so far; reading all of them…`
        : `Read ${words[0]} of ${words[1]} steps…`}
    </span>
  );
}

function Strips({ table }: { table: HealthTable }) {
  const { selection, view, healthMap } = useApp();
  const scale = useMemo(
    () => resolveScale(settingsOf(table.measure), [rowMatrix(table.range)]),
    [table],
  );
  const isWhole = !healthMap.loading.value;
  if (table.rows.length === 0) {
    if (!isWhole) return <Progress table={table} />;
    return (
      <Message title="Nothing of this kind was recorded">
        <p>
          Choose other tensors or another measure. Gradients are recorded with{' '}
          <code>kinds=("param", "grad", "output")</code>, update ratios where the optimizer steps
          within the <code>with</code> block. Saturation is told of the outputs of sigmoid, tanh and
          softmax layers.
        </p>
      </Message>
    );
  }
  return (
    <>
      <HealthStrips
        table={table}
        scale={scale}
        step={view.step.value}
        progress={!isWhole && <Progress table={table} />}
        onOpen={(key, step) => selection.goTo(key, step)}
      />
      <div class="lv-health-legend">
        <span>{MEASURE_LABELS[table.measure]}</span>
        {Number.isNaN(scale.lo) ? (
          <span class="lv-muted">no numbers to scale</span>
        ) : (
          <ColorBar scale={scale} width={300} />
        )}
        {scale.settings.transform === 'log' && !Number.isNaN(scale.lo) && (
          <span class="lv-health-look">
            <span class="lv-swatch-below" aria-hidden="true" /> 0
          </span>
        )}
        <span class="lv-health-look">
          <span class="lv-swatch-nan" aria-hidden="true" /> NaN or Inf
        </span>
      </div>
    </>
  );
}

/** The whole run at a glance: layers in order of execution by steps. */
export function HealthPane() {
  const { healthMap, selection, view } = useApp();
  const { measure, group } = selection.health.value;
  const error = healthMap.error.value;
  const answer = healthMap.answer.value;
  const isShown = answer !== null && answer.request.run === view.run.value;
  const textOf = useKeyText();
  const rows = answer?.value.rows ?? [];
  const longest = rows.reduce((most, { key }) => Math.max(most, textOf(key).length), 0);
  return (
    <>
      <div class="lv-toolbar">
        <Choice
          label="Colour"
          value={measure}
          options={SHOWN_MEASURES}
          labelOf={option => MEASURE_LABELS[option]}
          onChange={chosen => {
            selection.health.value = { measure: chosen, group };
          }}
        />
        <Choice
          label="of"
          value={group}
          options={GROUPS}
          labelOf={option => GROUP_LABELS[option]}
          onChange={chosen => {
            selection.health.value = { measure, group: chosen };
          }}
        />
        <SaveButton />
      </div>
      <div
        class="lv-pane lv-health"
        style={`--lv-longest-name: ${longest}`}
        aria-busy={healthMap.loading.value}
      >
        {error !== null && <Failure error={error} onRetry={() => healthMap.reload()} />}
        {error === null && isShown && <Strips table={answer.value} />}
        {error === null && !isShown && <p class="lv-muted">Loading the statistics…</p>}
      </div>
    </>
  );
}
