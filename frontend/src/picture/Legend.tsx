import { formatShort } from '../scale/format';
import {
  COLOR_MAP_NAMES,
  RANGE_MODES,
  type RangeMode,
  type ScaleSettings,
  TRANSFORMS,
  type Transform,
} from '../scale/types';
import { ColorBar } from './ColorBar';
import { Looks } from './Looks';
import { RangeChooser } from './RangeChooser';
import type { LegendProps } from './types';

const BAR_WIDTH = 300;

const MODE_LABELS: Record<RangeMode, string> = {
  auto: 'min to max',
  steps: 'min to max of all steps',
  runs: 'min to max of several runs',
  robust: 'percentiles',
  symmetric: 'symmetric about 0',
  fixed: 'fixed',
};

const TRANSFORM_LABELS: Record<Transform, string> = {
  linear: 'linear',
  log: 'log',
  symlog: 'symlog',
};

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly T[];
  labelOf: (option: T) => string;
  onChange: (option: T) => void;
}

function Select<T extends string>({ label, value, options, labelOf, onChange }: SelectProps<T>) {
  return (
    <label class="lv-control">
      <span>{label}</span>
      <select
        value={value}
        onChange={event => {
          const chosen = options.find(option => option === event.currentTarget.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {options.map(option => (
          <option key={option} value={option}>
            {labelOf(option)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface EndProps {
  label: string;
  /** NaN where the end is taken from the data. */
  value: number;
  resolved: number;
  onChange: (value: number) => void;
}

interface PercentileProps {
  label: string;
  value: number;
  least: number;
  greatest: number;
  onChange: (value: number) => void;
}

/** One of two percentiles; what is none, or beyond the other, is not taken. */
function Percentile({ label, value, least, greatest, onChange }: PercentileProps) {
  return (
    <label class="lv-control">
      <span>{label}</span>
      <input
        type="number"
        step="any"
        min={least}
        max={greatest}
        value={value}
        onChange={event => {
          const { valueAsNumber, validity } = event.currentTarget;
          if (validity.valid && Number.isFinite(valueAsNumber)) onChange(valueAsNumber);
          else event.currentTarget.value = String(value);
        }}
      />
    </label>
  );
}

/** One end of a fixed range; left empty, it is taken from the data. */
function RangeEnd({ label, value, resolved, onChange }: EndProps) {
  return (
    <label class="lv-control">
      <span>{label}</span>
      <input
        type="number"
        step="any"
        value={Number.isFinite(value) ? String(value) : ''}
        placeholder={Number.isFinite(resolved) ? formatShort(resolved, 6) : ''}
        onChange={event => onChange(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
}

/** What the colours mean, and the controls to change it. */
export function Legend(props: LegendProps) {
  const { scale, counts, distribution, note, onChange, children } = props;
  const { settings } = scale;
  const change = (part: Partial<ScaleSettings>) => onChange({ ...settings, ...part });
  const [least, greatest] = settings.fixed;
  const [low, high] = settings.percentiles;
  return (
    <section class="lv-legend" aria-label="Colour scale">
      <div class="lv-legend-scale">
        {Number.isNaN(scale.lo) ? (
          <p class="lv-empty">No finite values to scale.</p>
        ) : (
          <div>
            {distribution && (
              <RangeChooser
                distribution={distribution}
                scale={scale}
                width={BAR_WIDTH}
                onRange={(lo, hi) => change({ mode: 'fixed', fixed: [lo, hi] })}
                onReset={() => change({ mode: 'auto' })}
              />
            )}
            <ColorBar scale={scale} width={BAR_WIDTH} />
          </div>
        )}
        <Looks scale={scale} counts={counts} />
      </div>
      {note && (
        <p class="lv-legend-note" role="status">
          {note}
        </p>
      )}
      <div class="lv-controls">
        <Select
          label="Colours"
          value={settings.map}
          options={COLOR_MAP_NAMES}
          labelOf={name => name}
          onChange={map => change({ map })}
        />
        <label class="lv-control lv-check">
          <input
            type="checkbox"
            checked={settings.reversed}
            onChange={event => change({ reversed: event.currentTarget.checked })}
          />
          <span>Reversed</span>
        </label>
        <Select
          label="Range"
          value={settings.mode}
          options={RANGE_MODES}
          labelOf={mode => MODE_LABELS[mode]}
          onChange={mode => change({ mode })}
        />
        {children}
        {settings.mode === 'robust' && (
          <>
            <Percentile
              label="From"
              value={low}
              least={0}
              greatest={high}
              onChange={value => change({ percentiles: [value, high] })}
            />
            <Percentile
              label="To"
              value={high}
              least={low}
              greatest={100}
              onChange={value => change({ percentiles: [low, value] })}
            />
          </>
        )}
        {settings.mode === 'fixed' && (
          <>
            <RangeEnd
              label="Min"
              value={least}
              resolved={scale.lo}
              onChange={value => change({ fixed: [value, greatest] })}
            />
            <RangeEnd
              label="Max"
              value={greatest}
              resolved={scale.hi}
              onChange={value => change({ fixed: [least, value] })}
            />
          </>
        )}
        <Select
          label="Scale"
          value={settings.transform}
          options={TRANSFORMS}
          labelOf={transform => TRANSFORM_LABELS[transform]}
          onChange={transform => change({ transform })}
        />
      </div>
    </section>
  );
}
