import { useMemo, useState } from 'preact/hooks';

import { valueAt } from '../scale/matrix';
import { Empty } from './Empty';
import { GalleryBand } from './GalleryBand';
import { layOutGallery } from './galleryLayout';
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
  const { maps, scale, rowAxis, colAxis, onHover, onOpen } = props;
  const [root, room] = useRoom<HTMLDivElement>();
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [current, setCurrent] = useState(0);

  const first = maps[0]?.matrix;
  const rows = first?.rows ?? 0;
  const cols = first?.cols ?? 0;
  const layout = useMemo(
    () =>
      layOutGallery({
        count: maps.length,
        rows: Math.max(1, rows),
        cols: Math.max(1, cols),
        width: room.width,
        dpr: room.dpr,
        columns: props.columns,
      }),
    [maps.length, rows, cols, room.width, room.dpr, props.columns],
  );
  const perBand = layout.rowsPerBand * layout.columns;
  const bands = useMemo(() => {
    const starts = Array.from({ length: Math.ceil(maps.length / perBand) }, (_, i) => i * perBand);
    return starts.map(start => ({ start, maps: maps.slice(start, start + perBand) }));
  }, [maps, perBand]);

  const readout = useMemo<Readout | null>(() => {
    const map = pointed === null ? undefined : maps[pointed.map];
    if (pointed === null || map === undefined) return null;
    const [row, col] = pointed.cell;
    if (row >= map.matrix.rows || col >= map.matrix.cols) return null;
    return readoutOf(
      [pointed.map, row, col],
      [map.title, indexName(rowAxis, row), indexName(colAxis, col)],
      valueAt(map.matrix, row, col),
      map.matrix.values,
    );
  }, [pointed, maps, rowAxis, colAxis]);
  useReport(readout, onHover);

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

  if (rows === 0 || cols === 0)
    return <Empty title={undefined} shape={[maps.length, rows, cols]} />;
  const { dpr } = room;
  return (
    <div class="lv-gallery" ref={root}>
      {room.width > 0 &&
        bands.map(band => (
          <div
            key={band.start}
            class={onOpen === undefined ? 'lv-gallery-band' : 'lv-gallery-band lv-openable'}
          >
            <GalleryBand
              maps={band.maps}
              layout={layout}
              dpr={dpr}
              scale={scale}
              onPoint={(map, cell, x, y) => setPointed({ map: band.start + map, cell, x, y })}
              onLeave={() => setPointed(null)}
              onOpen={map => onOpen?.(band.start + map)}
            />
            {band.maps.map((map, i) => (
              <figure
                key={map.title}
                class={band.start + i === pointed?.map ? 'lv-map lv-map-pointed' : 'lv-map'}
                data-map={band.start + i}
                aria-label={`${map.title}, ${rows} by ${cols}`}
                tabIndex={band.start + i === current ? 0 : -1}
                style={{
                  left: `${((i % layout.columns) * layout.pitchX) / dpr}px`,
                  top: `${(Math.floor(i / layout.columns) * layout.pitchY) / dpr}px`,
                  width: `${layout.mapWidth / dpr}px`,
                  height: `${(layout.titleHeight + layout.mapHeight) / dpr}px`,
                }}
                onFocus={() => setCurrent(band.start + i)}
                onKeyDown={onKeyDown}
              >
                <figcaption title={map.title}>{map.title}</figcaption>
              </figure>
            ))}
          </div>
        ))}
      {readout && pointed && <Tooltip readout={readout} x={pointed.x} y={pointed.y} />}
    </div>
  );
}
