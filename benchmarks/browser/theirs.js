// What Plotly needs for the same arrays: from asking for them to the first picture, and a zoom.

async function loaded(run, key, slice) {
  const query = new URLSearchParams({ run, key, step: '0', slice });
  const bytes = await (await fetch(`/data/plugin/layerview/array?${query}`)).arrayBuffer();
  const header = new DataView(bytes).getUint16(8, true);
  return new Float32Array(bytes.slice(10 + header));
}

function rowsOf(values, rows, cols, offset = 0) {
  return Array.from({ length: rows }, (_, row) =>
    values.subarray(offset + row * cols, offset + (row + 1) * cols),
  );
}

const painted = () =>
  new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));

async function heatmap(key, side) {
  const place = document.body.appendChild(document.createElement('div'));
  const begun = performance.now();
  const values = await loaded('some', key, ':,:');
  const trace = { type: 'heatmap', z: rowsOf(values, side, side), colorscale: 'Viridis' };
  await Plotly.newPlot(place, [trace], { width: 900, height: 900 });
  await painted();
  const first = performance.now() - begun;
  const zooming = performance.now();
  await Plotly.relayout(place, {
    'xaxis.range': [side / 4, (3 * side) / 4],
    'yaxis.range': [side / 4, (3 * side) / 4],
  });
  await painted();
  const zoom = performance.now() - zooming;
  Plotly.purge(place);
  place.remove();
  return { first, zoom };
}

// From asking for the maps to the picture; and of that, what it takes from having them on.
async function gallery(key, count, side) {
  const begun = performance.now();
  const values = await loaded('some', key, '0,:,:,:');
  const ahead = await maps(values, count, side);
  return { first: performance.now() - begun, ahead };
}

async function maps(values, count, side) {
  const place = document.body.appendChild(document.createElement('div'));
  const begun = performance.now();
  const traces = Array.from({ length: count }, (_, map) => ({
    type: 'heatmap',
    z: rowsOf(values, side, side, map * side * side),
    xaxis: map === 0 ? 'x' : `x${map + 1}`,
    yaxis: map === 0 ? 'y' : `y${map + 1}`,
    showscale: false,
    colorscale: 'Viridis',
  }));
  const grid = { rows: 8, columns: 8, pattern: 'independent' };
  await Plotly.newPlot(place, traces, { grid, width: 900, height: 900 });
  await painted();
  const taken = performance.now() - begun;
  Plotly.purge(place);
  place.remove();
  return taken;
}
