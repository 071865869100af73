import { formatShort } from '../scale/format';
import { LOOKS, type Look } from '../scale/looks';
import {
  COLOR_MAP_NAMES,
  type LookCounts,
  RANGE_MODES,
  type RangeMode,
  type Scale,
  type ScaleSettings,
  TRANSFORMS,
  type Transform,
} from '../scale/types';
import { ColorBar } from './ColorBar';
import { RangeChooser } from './RangeChooser';
import { Swatch } from './Swatch';
import type { LegendProps } from './types';

const BAR_WIDTH = 300;

const MODE_LABELS: Record<RangeMode, string> = {
  auto: 'min to max',
  steps: 'min to max of all steps',
  robust: '1st to 99th percentile',
  symmetric: 'symmetric about 0',
  fixed: 'fixed',
};

const TRANSFORM_LABELS: Record<Transform, string> = {
  linear: 'linear',
  log: 'log',
  symlog: 'symlog',
};

function lookLabel(look: Look, scale: Scale): string {
  if (look.name === 'below') {
    return Number.isNaN(scale.lo) ? 'not above 0' : `below ${formatShort(scale.lo)}`;
  }
  if (look.name === 'above') return `above ${formatShort(scale.hi)}`;
  return look.label;
}

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

/** The looks that occur, each with how often. */
function Occurring({ scale, counts }: { scale: Scale; counts: LookCounts }) {
  const occurring = LOOKS.filter(look => counts[look.name] > 0);
  return (
    <ul class="lv-looks" aria-label="Special values">
      {occurring.map(look => (
        <li key={look.name} data-look={look.name}>
          <Swatch look={look} />
          {lookLabel(look, scale)}: {counts[look.name].toLocaleString('en')}
        </li>
      ))}
    </ul>
  );
}

/** What the colours mean, and the controls to change it. */
export function Legend({ scale, counts, distribution, onChange }: LegendProps) {
  const { settings } = scale;
  const change = (part: Partial<ScaleSettings>) => onChange({ ...settings, ...part });
  const [least, greatest] = settings.fixed;
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
        <Occurring scale={scale} counts={counts} />
      </div>
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
          label="Spread"
          value={settings.transform}
          options={TRANSFORMS}
          labelOf={transform => TRANSFORM_LABELS[transform]}
          onChange={transform => change({ transform })}
        />
      </div>
    </section>
  );
}
