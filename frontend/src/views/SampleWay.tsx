import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Tensor } from '../contract/messages';
import { formatShort } from '../scale/format';
import { resolveScale } from '../scale/scale';
import { type Figure, figureOf } from '../state/figure';
import { apartness } from '../state/nearest';
import { loadPicture } from '../state/pictureData';
import { planOf } from '../state/plan';
import type { SampleRow } from '../state/sampleRow';
import { wayOf } from '../state/samples';
import { scaleGroup } from '../state/scales';
import { useApp } from './appContext';
import { Drawing } from './Drawing';

const HEIGHT_PX = 330;

interface LayerProps {
  tensor: Tensor;
  samples: readonly SampleRow[];
}

/** The pictures of one layer: they are loaded when they come into view, and kept. */
function Layer({ tensor, samples }: LayerProps) {
  const { view, selection } = useApp();
  const place = useRef<HTMLElement>(null);
  const isSeen = useSignal(false);
  const figures = useSignal<readonly Figure[]>([]);
  const failure = useSignal<string | null>(null);
  const [run, step] = [view.run.value, view.step.value];
  const generation = view.shownCatalog.value?.generation;
  const indices = samples.map(({ index }) => index).join();

  useEffect(() => {
    const target = place.current;
    if (target === null) return;
    const observer = new IntersectionObserver(
      entries => {
        if (entries.some(entry => entry.isIntersecting)) isSeen.value = true;
      },
      { rootMargin: '300px' },
    );
    observer.observe(target);
    return () => observer.disconnect();
  }, [isSeen]);

  const seen = isSeen.value;
  useEffect(() => {
    if (!seen || run === null || step === null || generation === undefined) return;
    const aborter = new AbortController();
    failure.value = null;
    const load = async (sample: number) => {
      const plan = planOf(tensor, { sample, lead: {}, page: 0, level: null, plane: 'mean' });
      const request = { run, generation, step, tensor, plan };
      return figureOf(request, await loadPicture(view.client, request, aborter.signal));
    };
    Promise.all(indices.split(',').map(index => load(Number(index)))).then(
      loaded => {
        figures.value = loaded;
      },
      (error: unknown) => {
        if (!aborter.signal.aborted) {
          failure.value = error instanceof Error ? error.message : String(error);
        }
      },
    );
    return () => aborter.abort();
  }, [seen, run, step, generation, tensor, indices, view, figures, failure]);

  const shown = figures.value;
  const settings = selection.scales.value[scaleGroup(tensor.kind)];
  const scale = useMemo(
    () =>
      resolveScale(
        settings,
        shown.flatMap(({ maps }) => maps.map(map => map.matrix)),
      ),
    [settings, shown],
  );
  const [a, b] = shown;
  const apart = a && b ? apartness(a.array.values, b.array.values) : null;
  const open = () => {
    const [first, second] = samples;
    if (first === undefined) return;
    selection.sample.value = first.index;
    if (second !== undefined && step !== null) {
      selection.other.value = { step, sample: second.index };
      selection.tab.value = 'compare';
    } else selection.tab.value = 'heat';
    selection.chooseKey(tensor.key);
  };
  return (
    <section class="lv-way-layer" aria-label={tensor.key} ref={place}>
      <h3>
        <button type="button" class="lv-link" onClick={open}>
          {tensor.key}
        </button>{' '}
        {apart !== null && !Number.isNaN(apart) && (
          <span
            class="lv-way-apart"
            title="norm(a - b) / sqrt(norm(a)^2 + norm(b)^2): 0 of equals, 1 of what has nothing in common"
          >
            <span style={{ width: `${Math.min(100, apart * 100)}px` }} aria-hidden="true" />
            apart by {formatShort(apart)}
          </span>
        )}
      </h3>
      {failure.value !== null && <p role="alert">{failure.value}</p>}
      <div class="lv-way-sides">
        {shown.map((figure, side) => (
          <div key={side}>
            <Drawing
              figure={figure}
              scale={scale}
              height={HEIGHT_PX}
              onHover={() => undefined}
              onPick={open}
              onOpen={open}
            />
          </div>
        ))}
      </div>
    </section>
  );
}

/** What every layer made of the chosen sample, in order; beside another one, if there is one. */
export function SampleWay({ rows }: { rows: readonly SampleRow[] }) {
  const { selection, view } = useApp();
  const catalog = view.shownCatalog.value;
  const way = useMemo(() => (catalog ? wayOf(catalog) : []), [catalog]);
  const chosen = rows[Math.min(selection.sample.value, rows.length - 1)];
  const beside = selection.beside.value === null ? undefined : rows[selection.beside.value];
  if (chosen === undefined) return null;
  const samples = beside === undefined || beside === chosen ? [chosen] : [chosen, beside];
  if (way.length === 0) {
    return (
      <p class="lv-muted">
        No outputs of layers were recorded, so there is no way through the network to show.
      </p>
    );
  }
  return (
    <section class="lv-way" aria-label="The way through the network">
      <h2>
        {samples.length === 1
          ? `The way of ${chosen.name} through the network`
          : `${chosen.name} beside ${samples[1]?.name}, layer by layer`}
      </h2>
      {way.map(tensor => (
        <Layer key={tensor.key} tensor={tensor} samples={samples} />
      ))}
    </section>
  );
}
