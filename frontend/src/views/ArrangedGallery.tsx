import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Gallery, type GalleryMap, type OnHover, type Underlay } from '../picture';
import { resolveScale } from '../scale/scale';
import type { Scale } from '../scale/types';
import { drawnIndex, type Figure } from '../state/figure';
import {
  GALLERY_FILTERS,
  GALLERY_SORTS,
  type GalleryChoice,
  type GalleryFilter,
  type GallerySort,
} from '../state/galleryChoice';
import { filterCounts, galleryOrder, SATURATED } from '../state/galleryOrder';
import { useApp } from './appContext';
import { Choice } from './Choice';
import { MapChoice } from './MapChoice';
import { useKnownFigures } from './useKnownFigures';

/** A few maps are seen at a glance: they need no arranging. */
const FEWEST = 6;

const SORT_LABELS: Readonly<Record<GallerySort, string>> = {
  index: 'index',
  magnitude: 'magnitude (rms)',
  variance: 'variance',
  zeros: 'share of zeros',
  similarity: 'similarity to',
};

const FILTER_LABELS: Readonly<Record<GalleryFilter, string>> = {
  all: 'all',
  dead: 'dead',
  saturated: 'saturated',
  not_finite: 'with NaN or Inf',
};

const FILTER_WORDS = `Dead: all elements are one number. Saturated: ${100 * SATURATED} % of the elements or more are the least or the greatest of the whole picture, zeros aside.`;

/** What a gallery waits for before it can be sorted, filtered and counted. */
function Waiting({ figure: { partial, maps } }: { figure: Figure }) {
  const count = maps.length.toLocaleString('en');
  if (partial === null) return <span role="status">Looking at all {count} maps…</span>;
  const arrived = maps.filter(map => !map.isPending).length;
  return (
    <span role="status">
      <progress value={arrived} max={maps.length} aria-label="Maps that are there" />{' '}
      {arrived.toLocaleString('en')} of {count} maps; sorted and filtered when all are there
    </span>
  );
}

interface ArrangeProps {
  figure: Figure;
  choice: GalleryChoice;
  /** Whether what maps are sorted and filtered by is known. */
  isKnown: boolean;
}

function Arrange({ figure, choice, isKnown }: ArrangeProps) {
  const { selection } = useApp();
  const counts = useMemo(() => (isKnown ? filterCounts(figure) : null), [figure, isKnown]);
  const change = (part: Partial<GalleryChoice>) => {
    selection.gallery.value = { ...choice, ...part };
  };
  return (
    <>
      <Choice
        label="Sort by"
        value={choice.sort}
        options={GALLERY_SORTS}
        labelOf={sort => SORT_LABELS[sort]}
        onChange={sort => change({ sort })}
      />
      {choice.sort === 'similarity' && (
        <MapChoice
          label="The map that others are compared with"
          maps={figure.maps}
          shown={Math.min(choice.like, figure.maps.length - 1)}
          onPick={like => change({ like })}
        />
      )}
      <Choice
        label="Show"
        title={FILTER_WORDS}
        value={choice.filter}
        options={GALLERY_FILTERS}
        labelOf={filter => FILTER_LABELS[filter] + (counts ? ` (${counts[filter]})` : '')}
        onChange={filter => change({ filter })}
      />
      <label class="lv-picker">
        <input
          type="checkbox"
          checked={choice.ownScales}
          onChange={event => change({ ownScales: event.currentTarget.checked })}
        />
        each its own scale
      </label>
      {!isKnown && <Waiting figure={figure} />}
    </>
  );
}

/** What runs downwards and to the right in each map. */
function axesText({ rowAxis, colAxis, hasRows, hasCols }: Figure): string {
  const parts = [hasRows ? `${rowAxis.title} ↓` : '', hasCols ? `${colAxis.title} →` : ''];
  return parts.filter(part => part !== '').join(' by ');
}

interface Props {
  figure: Figure;
  scale: Scale;
  onHover: OnHover;
  onOpen: (map: number) => void;
  underlay?: Underlay | undefined;
  /** What stands beside the choices of sorting and filtering. */
  choices?: ComponentChildren;
  /** Whether the maps may be sorted and filtered here. */
  canArrange: boolean;
}

/** The maps of a figure, sorted and filtered as was chosen. */
export function ArrangedGallery(props: Props) {
  const { figure, scale, underlay, choices, onHover, onOpen, canArrange } = props;
  const { selection, view } = useApp();
  const { maps, wording, rowAxis, colAxis } = figure;
  const arranges = canArrange && maps.length >= FEWEST;
  const choice = selection.gallery.value;
  const isKnown = useKnownFigures(figure, arranges);
  const order = useMemo(
    () => (arranges && isKnown ? galleryOrder(figure, choice) : maps.map((_, place) => place)),
    [arranges, isKnown, figure, choice, maps],
  );
  const shown = useMemo(
    () => order.flatMap((place): GalleryMap[] => (maps[place] ? [maps[place]] : [])),
    [order, maps],
  );
  const scaleOf = useMemo(() => {
    if (!arranges || !choice.ownScales) return undefined;
    const { settings } = scale;
    const own = new Map<GalleryMap, Scale>();
    return (map: GalleryMap) => {
      const found = own.get(map) ?? resolveScale(settings, [map.matrix]);
      own.set(map, found);
      return found;
    };
  }, [arranges, choice.ownScales, scale]);
  const placeOf = (shownAt: number) => order[shownAt] ?? 0;
  return (
    <>
      <div class="lv-arrange">
        {arranges && <Arrange figure={figure} choice={choice} isKnown={isKnown} />}
        {choices}
        <span class="lv-gallery-axes">{axesText(figure)}</span>
      </div>
      {shown.length === 0 ? (
        <p class="lv-muted">No map of this picture is so.</p>
      ) : (
        <Gallery
          maps={shown}
          rowAxis={rowAxis}
          colAxis={colAxis}
          scale={scale}
          scaleOf={scaleOf}
          underlay={underlay}
          // Maps that came before all of them are counted from their own parts.
          wording={figure.partial === null ? wording : undefined}
          onView={(first, last) => {
            const indexOf = (shownAt: number) => maps[placeOf(shownAt)]?.index[0] ?? 0;
            view.inView = [indexOf(first), indexOf(last)];
          }}
          onOpen={shownAt => onOpen(placeOf(shownAt))}
          onHover={hover => {
            const [shownAt = 0, ...inMap] = hover?.index ?? [];
            const outer = maps[placeOf(shownAt)]?.index ?? [];
            onHover(hover && { ...hover, index: drawnIndex(figure, outer, inMap) });
          }}
        />
      )}
    </>
  );
}
