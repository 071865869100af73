import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Parting, Tensor } from '../contract/messages';
import { resolveScale } from '../scale/scale';
import { LAYER_ORDERS, type LayerOrder } from '../state/detailChoice';
import { type Figure, figureOf } from '../state/figure';
import { loadPicture } from '../state/pictureData';
import { planOf } from '../state/plan';
import { rankedPartings } from '../state/sampleDetail';
import type { SampleRow } from '../state/sampleRow';
import { wayOf } from '../state/samples';
import { scaleGroup } from '../state/scales';
import { useApp } from './appContext';
import { Choice } from './Choice';
import { Drawing } from './Drawing';
import { OverlayChoice } from './OverlayChoice';
import { DistanceBar, Partings } from './Partings';
import { underlayOf } from './underlay';
import { useKeyText } from './useKeyText';

const HEIGHT_PX = 330;

const ORDER_LABELS: Readonly<Record<LayerOrder, string>> = {
  execution: 'as executed',
  distance: 'farthest apart first',
};

interface LayerProps {
  tensor: Tensor;
  samples: readonly SampleRow[];
  parting: Parting | undefined;
  onOpen: () => void;
}

/** The pictures of one layer: they are loaded when they come into view, and kept. */
function Layer({ tensor, samples, parting, onOpen }: LayerProps) {
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
          // Those of another step or sample would seem to be what was asked for.
          figures.value = [];
        }
      },
    );
    return () => aborter.abort();
  }, [seen, run, step, generation, tensor, indices, view, figures, failure]);

  const shown = figures.value;
  const settings = selection.scales.value[scaleGroup(tensor)];
  const textOf = useKeyText();
  const scale = useMemo(
    () =>
      resolveScale(
        settings,
        shown.flatMap(({ maps }) => maps.map(map => map.matrix)),
      ),
    [settings, shown],
  );
  return (
    <section class="lv-way-layer" aria-label={textOf(tensor.key)} ref={place}>
      <h3>
        <button type="button" class="lv-link" onClick={onOpen}>
          {textOf(tensor.key)}
        </button>{' '}
        {parting && <DistanceBar parting={parting} />}
      </h3>
      {failure.value !== null && <p role="alert">{failure.value}</p>}
      <div class="lv-way-sides">
        {shown.map((figure, side) => (
          <div key={side}>
            <Drawing
              figure={figure}
              scale={scale}
              height={HEIGHT_PX}
              underlay={underlayOf(figure, samples[side]?.input ?? null, selection.gallery.value)}
              onHover={() => undefined}
              onPick={onOpen}
              onOpen={onOpen}
            />
          </div>
        ))}
      </div>
    </section>
  );
}

interface Props {
  chosen: SampleRow;
  beside: SampleRow | undefined;
}

/** What every layer made of the chosen sample; beside another one, with how far they part. */
export function SampleWay({ chosen, beside }: Props) {
  const { selection, view, apart } = useApp();
  const catalog = view.shownCatalog.value;
  const way = useMemo(() => (catalog ? wayOf(catalog) : []), [catalog]);
  const answer = apart.answer.value;
  const partings = beside === undefined || answer === null ? [] : answer.value;
  const { order } = selection.detail.value;
  const byDistance = order === 'distance' && partings.length > 0;
  const ranked = useMemo(
    () => rankedPartings(partings, way, byDistance),
    [partings, way, byDistance],
  );
  if (way.length === 0) {
    return (
      <p class="lv-muted">
        No outputs of layers were recorded, so there is no way through the network to show. Record
        them with <code>kinds=("param", "output")</code>.
      </p>
    );
  }
  const step = view.step.value;
  const open = (key: string) => {
    selection.sample.value = chosen.index;
    if (beside !== undefined && step !== null) {
      selection.other.value = { step, sample: beside.index };
      selection.tab.value = 'compare';
    } else selection.tab.value = 'heat';
    selection.chooseKey(key);
  };
  const samples = beside === undefined ? [chosen] : [chosen, beside];
  const layers = byDistance
    ? ranked.flatMap(({ key }) => way.filter(tensor => tensor.key === key))
    : way;
  return (
    <div class="lv-way">
      {beside !== undefined && (
        <Partings
          partings={answer === null ? null : ranked}
          names={[chosen.name, beside.name]}
          failure={apart.error.value?.message ?? null}
          onOpen={open}
        />
      )}
      <div class="lv-way-choices">
        {beside !== undefined && (
          <Choice
            label="Layers"
            value={order}
            options={LAYER_ORDERS}
            labelOf={each => ORDER_LABELS[each]}
            onChange={each => {
              selection.detail.value = { ...selection.detail.value, order: each };
            }}
          />
        )}
        <OverlayChoice input={chosen.input} />
      </div>
      {layers.map(tensor => (
        <Layer
          key={tensor.key}
          tensor={tensor}
          samples={samples}
          parting={partings.find(({ key }) => key === tensor.key)}
          onOpen={() => open(tensor.key)}
        />
      ))}
    </div>
  );
}
