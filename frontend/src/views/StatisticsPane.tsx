import { counted } from '../scale/format';
import { SAMPLE_AXIS } from '../state/roles';
import type { StatTable } from '../state/statTable';
import { nearestIndex } from '../state/steps';
import { ownHistograms, shownTable, statisticsStep } from '../state/tensorStatistics';
import { useApp } from './appContext';
import { Courses } from './Courses';
import { Distribution } from './Distribution';
import { Failure, Message } from './Message';
import { StatisticsTable, statisticsAt } from './StatisticsTable';

interface NotRecordedProps {
  table: StatTable;
  statKey: string;
  step: number;
}

function NotRecorded({ table, statKey, step }: NotRecordedProps) {
  const { selection } = useApp();
  const recorded = table.recorded(statKey);
  const nearest = recorded[nearestIndex(recorded, step)];
  return (
    <Message
      title={`Not recorded at step ${step}`}
      actions={
        nearest !== undefined && (
          <button
            type="button"
            class="lv-button lv-button-main"
            onClick={() => {
              selection.step.value = nearest;
            }}
          >
            Go to step {nearest}
          </button>
        )
      }
    >
      <p>
        <code>{statKey}</code> was recorded at {recorded.length} of{' '}
        {counted(table.steps.length, 'step')}.
      </p>
    </Message>
  );
}

/** The tab of the statistics: this step's, and their course over all steps. */
export function StatisticsPane() {
  const { view, selection, statistics: loaded, histograms: many } = useApp();
  const tensor = view.tensor.value;
  const table = shownTable(loaded, view);
  const error = loaded.error.value;
  const onPick = (picked: number) => {
    selection.step.value = picked;
  };
  if (tensor === null || view.step.value === null) return null;
  const step = table && statisticsStep(table, view);
  const statistics = table && step !== null && statisticsAt(table, tensor.key, step);
  const histograms = ownHistograms(many, view);
  const scope = tensor.axes.includes(SAMPLE_AXIS) ? 'of the whole batch' : 'of all elements';
  return (
    <div id="lv-pane" class="lv-pane" role="tabpanel" aria-labelledby="lv-tab-statistics">
      {error !== null && !table && <Failure error={error} onRetry={() => loaded.reload()} />}
      {error === null && !table && <p class="lv-muted">Loading the statistics…</p>}
      {table && step !== null && statistics === null && (
        <NotRecorded table={table} statKey={tensor.key} step={step} />
      )}
      {table && step !== null && statistics && (
        <div class="lv-statistics">
          <StatisticsTable statistics={statistics} step={step} scope={scope} />
          <Distribution table={table} statKey={tensor.key} step={step} onPick={onPick} />
          {table.steps.length > 1 && (
            <Courses
              histograms={histograms}
              table={table}
              statKey={tensor.key}
              step={step}
              onPick={onPick}
            />
          )}
        </div>
      )}
    </div>
  );
}
