import { useMemo, useRef, useState } from 'preact/hooks';

import { plainWording } from '../scale/format';
import { addressAt, valueAt } from '../scale/matrix';
import { Empty } from './Empty';
import { GalleryBand } from './GalleryBand';
import { layOutGallery, mayCutTitles } from './galleryLayout';
import { MapFigures } from './MapFigures';
import { indexName, type Readout, readoutOf } from './readout';
import { Tooltip } from './Tooltip';
import type { GalleryProps } from './types';
import { useReport } from './useReport';
import { useRoom } from './useRoom';

interface Pointed {
  readonly map: number;
  readonly cell: readonly [row: number, col: number];
  /** In CSS pixels of the window. */
  readonly x: number;
  readonly y: number;
}

/** Titled maps of one shape and one scale, as many side by side as are well seen. */
export function Gallery(props: GalleryProps) {
  const { maps } = props;
  const { rows = 0, cols = 0 } = maps[0]?.matrix ?? {};
  if (rows === 0 || cols === 0) {
    return <Empty title={undefined} shape={[maps.length, rows, cols]} />;
  }
  return <FilledGallery {...props} rows={rows} cols={cols} />;
}

function FilledGallery(props: GalleryProps & { rows: number; cols: number }) {
  const { maps, scale, rowAxis, colAxis, rows, cols, wording, onHover, onOpen } = props;
  const [root, room] = useRoom<HTMLDivElement>();
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [chosen, setCurrent] = useState(0);
  // A filter may leave fewer maps: one of them is always reached by Tab.
  const current = Math.min(chosen, maps.length - 1);

  const longestTitle = useMemo(
    () => maps.reduce((longest, map) => Math.max(longest, map.title.length), 0),
    [maps],
  );
  const layout = useMemo(
    () =>
      layOutGallery({
        count: maps.length,
        rows,
        cols,
        longestTitle,
        width: room.width,
        dpr: room.dpr,
      }),
    [maps.length, longestTitle, rows, cols, room.width, room.dpr],
  );
  const perBand = layout.rowsPerBand * layout.columns;
  const bands = useMemo(() => {
    const starts = Array.from({ length: Math.ceil(maps.length / perBand) }, (_, i) => i * perBand);
    return starts.map(start => ({ start, maps: maps.slice(start, start + perBand) }));
  }, [maps, perBand]);

  const readout = useMemo<Readout | null>(() => {
    const map = pointed === null ? undefined : maps[pointed.map];
    if (pointed === null || map === undefined || map.isPending) return null;
    const [row, col] = pointed.cell;
    if (row >= map.matrix.rows || col >= map.matrix.cols) return null;
    const told = (wording ?? plainWording(map.matrix.values)).told;
    return readoutOf(
      [pointed.map, row, col],
      [map.title, indexName(rowAxis, row), indexName(colAxis, col)],
      valueAt(map.matrix, row, col),
      told(addressAt(map.matrix, row, col)),
    );
  }, [pointed, maps, wording, rowAxis, colAxis]);
  useReport(readout, onHover);

  const near = useRef(new Set<number>());
  const onNear = (start: number, isNear: boolean) => {
    if (isNear) near.current.add(start);
    else near.current.delete(start);
    const starts = [...near.current].sort((a, b) => a - b);
    const [first, last] = [starts[0], starts.at(-1)];
    if (first !== undefined && last !== undefined) {
      props.onView?.(first, Math.min(last + perBand, maps.length) - 1);
    }
  };

  const move = (to: number) => {
    const next = Math.min(maps.length - 1, Math.max(0, to));
    setCurrent(next);
    root.current?.querySelector<HTMLElement>(`[data-map="${next}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -layout.columns,
      ArrowDown: layout.columns,
    };
    const step = steps[event.key];
    if (event.key === 'Enter') onOpen?.(current);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(maps.length - 1);
    else if (step !== undefined) move(current + step);
    else return;
    event.preventDefault();
  };

  const { dpr } = room;
  const mayCut = useMemo(
    () =>
      mayCutTitles(
        layout,
        maps.map(({ title }) => title),
        dpr,
      ),
    [layout, maps, dpr],
  );
  const bandHeight = (count: number) => (Math.ceil(count / layout.columns) * layout.pitchY) / dpr;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset holds the controls of a form
    <div
      class="lv-gallery"
      ref={root}
      role="group"
      aria-label={`${maps.length} maps. Arrow keys go from one to the next, Enter opens one.`}
      onKeyDown={onKeyDown}
    >
      {room.width > 0 &&
        bands.map(band => (
          <div
            key={band.start}
            style={{ containIntrinsicHeight: `${bandHeight(band.maps.length)}px` }}
            class={onOpen === undefined ? 'lv-gallery-band' : 'lv-gallery-band lv-openable'}
          >
            <GalleryBand
              maps={band.maps}
              isFirst={band.start === 0}
              layout={layout}
              dpr={dpr}
              scale={scale}
              scaleOf={props.scaleOf}
              underlay={props.underlay}
              onPoint={(map, cell, x, y) => setPointed({ map: band.start + map, cell, x, y })}
              onNear={isNear => onNear(band.start, isNear)}
              onLeave={() => setPointed(null)}
              onOpen={map => onOpen?.(band.start + map)}
            />
            <MapFigures
              maps={band.maps}
              start={band.start}
              layout={layout}
              dpr={dpr}
              mayCut={mayCut}
              current={current}
              pointed={pointed?.map}
              onFocus={setCurrent}
            />
          </div>
        ))}
      {readout && pointed && <Tooltip readout={readout} x={pointed.x} y={pointed.y} />}
    </div>
  );
}
