import { ColorBar, Looks } from '../picture';
import { OPERATIONS } from '../scale/compare';
import { formatShort } from '../scale/format';
import type { LookCounts, Scale } from '../scale/types';
import { OPERATION_LABELS } from '../state/compareTiles';
import type { Figure } from '../state/figure';
import { thirdNote } from '../state/legendNote';
import type { ScaleGroup } from '../state/scales';
import { useApp } from './appContext';
import { Choice } from './Choice';
import { SharedLegend } from './SharedLegend';

interface Props {
  group: ScaleGroup;
  /** Of both sides. */
  scale: Scale;
  counts: LookCounts;
  /** Of the third picture. */
  third: Scale;
  thirdCounts: LookCounts;
  /** Both sides. */
  figures: readonly [Figure, Figure];
}

const BAR_WIDTH = 220;

/** How far the colours of the third picture reach. */
function Limit({ scale }: { scale: Scale }) {
  const { selection } = useApp();
  const { limit } = selection.third.value;
  return (
    <label
      class="lv-picker"
      title="Its colours go from minus this to plus this; empty: to the furthest"
    >
      Up to ±
      <input
        class="lv-field lv-compare-limit"
        type="number"
        step="any"
        min={0}
        value={limit ?? ''}
        placeholder={Number.isFinite(scale.hi) ? formatShort(scale.hi, 4) : ''}
        onChange={event => {
          const { valueAsNumber } = event.currentTarget;
          const isOne = Number.isFinite(valueAsNumber) && valueAsNumber > 0;
          if (!isOne) event.currentTarget.value = '';
          selection.third.value = { ...selection.third.value, limit: isOne ? valueAsNumber : null };
        }}
      />
    </label>
  );
}

/** What the colours of three pictures mean, and what the third one is. */
export function CompareLegends(props: Props) {
  const { group, scale, counts, third, thirdCounts, figures } = props;
  const { selection } = useApp();
  const { limit } = selection.third.value;
  const { plan } = figures[0].request;
  const note = plan.tiled ? thirdNote(limit, Math.max(1, ...plan.blocks)) : null;
  return (
    <div class="lv-legend-bar lv-compare-legends">
      <SharedLegend group={group} scale={scale} counts={counts} figures={figures} />
      <section class="lv-compare-third" aria-label="Colours of the third picture">
        <div class="lv-legend-scale">
          {!Number.isNaN(third.lo) && <ColorBar scale={third} width={BAR_WIDTH} />}
          <Looks scale={third} counts={thirdCounts} />
        </div>
        {note && <p class="lv-legend-note">{note}</p>}
        <div class="lv-controls">
          <Choice
            label="Third picture"
            value={selection.third.value.operation}
            options={OPERATIONS}
            labelOf={option => OPERATION_LABELS[option]}
            onChange={operation => {
              // How far one reaches says nothing of another.
              selection.third.value = { operation, limit: null };
            }}
          />
          <Limit scale={third} />
        </div>
      </section>
    </div>
  );
}

/** The same element on every side, as it is pointed at. */
export function CompareReadout({ texts }: { texts: readonly string[] | null }) {
  if (texts === null) {
    return (
      <div class="lv-readout">
        <span>Point at a cell: the same one is marked on every side.</span>
      </div>
    );
  }
  const [index, a, b, label, made] = texts;
  return (
    <div class="lv-readout">
      <span>[{index}]</span>
      <span>
        A <strong>{a}</strong>
      </span>
      <span>
        B <strong>{b}</strong>
      </span>
      <span>
        {label} <strong>{made}</strong>
      </span>
    </div>
  );
}
