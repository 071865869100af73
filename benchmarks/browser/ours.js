// What the page needs, by a clock within its frame: from a link, a wheel or a key to the picture.

const paintedHere = () =>
  new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));

function isShown(key, step) {
  const told = document.querySelector('.lv-readout')?.textContent ?? '';
  const canvas = document.querySelector('#lv-pane canvas');
  return told.includes(`${key} at step ${step},`) && canvas !== null && canvas.width > 0;
}

async function until(ready) {
  const limit = performance.now() + 20_000;
  while (!ready()) {
    if (performance.now() > limit) throw new Error(`the picture did not come: ${document.querySelector('main')?.innerText.slice(0, 300)}`);
    await paintedHere();
  }
  await paintedHere();
}

let visits = 0;

async function show(run, key) {
  const query = { run, key, step: 0 };
  const entries = Object.entries(query).map(
    ([name, value]) => `p.layerview.${name}=${encodeURIComponent(value)}`,
  );
  const begun = performance.now();
  parent.location.hash = `#layerview&visit=${visits++}&${entries.join('&')}`;
  await until(() => isShown(key, 0));
  return performance.now() - begun;
}

const frameOf = () => document.querySelector('.lv-frame');

async function timed(act) {
  const begun = performance.now();
  act();
  await paintedHere();
  return performance.now() - begun;
}

async function zoomFrames(count) {
  const frame = frameOf();
  const { left, top, width, height } = frame.getBoundingClientRect();
  const place = { clientX: left + width / 2, clientY: top + height / 2 };
  const found = [];
  for (let i = 0; i < count; i++) {
    const event = new WheelEvent('wheel', { ...place, deltaY: -60, bubbles: true, cancelable: true });
    found.push(await timed(() => frame.dispatchEvent(event)));
  }
  return found;
}

async function panFrames(count) {
  const frame = frameOf();
  const { left, top, width, height } = frame.getBoundingClientRect();
  const at = (type, by) =>
    new PointerEvent(type, {
      pointerId: 1,
      button: 0,
      buttons: 1,
      bubbles: true,
      clientX: left + width / 2 + by,
      clientY: top + height / 2 + by,
    });
  // A capture needs a pointer that is really there.
  frame.setPointerCapture = () => undefined;
  frame.dispatchEvent(at('pointerdown', 0));
  const found = [];
  for (let i = 1; i <= count; i++) {
    found.push(await timed(() => frame.dispatchEvent(at('pointermove', -4 * i))));
  }
  frame.dispatchEvent(at('pointerup', 0));
  frame.dispatchEvent(at('pointerleave', 0));
  return found;
}

async function nextStep(key) {
  const begun = performance.now();
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  await until(() => isShown(key, 1));
  return performance.now() - begun;
}
