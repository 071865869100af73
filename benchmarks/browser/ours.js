// What the page needs, by a clock within its frame: from a click, a wheel or a key to the picture.

const paintedHere = () =>
  new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));

function isShown(key, step) {
  const told = document.querySelector('.lv-readout')?.textContent ?? '';
  const canvases = [...document.querySelectorAll('#lv-pane canvas')];
  // What is out of view is drawn when it is scrolled to: a canvas without width.
  const isDrawn = canvases.length > 0 && canvases.every(canvas => canvas.width > 0);
  const isTold = told.split('; ').some(part => part.startsWith(`${key} at step ${step},`));
  return isTold && isDrawn;
}

const PATIENCE_MS = 20_000;

// Until what is awaited was painted. It is looked for whenever the page changes, not once a frame:
// the frames that are asked for by looking would be in the time, and the picture a frame late.
async function until(ready) {
  const page = document.querySelector('main');
  await new Promise((resolve, reject) => {
    const look = () => ready() && end(resolve);
    const observer = new MutationObserver(look);
    const timer = setTimeout(() => {
      const words = document.querySelector('main')?.innerText.slice(0, 300);
      end(() => reject(new Error(`the picture did not come: ${words}`)));
    }, PATIENCE_MS);
    const end = settle => {
      observer.disconnect();
      clearTimeout(timer);
      settle();
    };
    observer.observe(page, { attributes: true, characterData: true, childList: true, subtree: true });
    look();
  });
  await paintedHere();
}

// A person looks at a picture before asking for another: what the page fetches ahead is there by then.
const looked = () => new Promise(resolve => setTimeout(resolve, 1_000));

let visits = 0;

// To another run by a link: the answer of TensorBoard's own page to it is in the time.
async function visit(run, key) {
  const query = { run, key, step: 0 };
  const entries = Object.entries(query).map(
    ([name, value]) => `p.layerview.${name}=${encodeURIComponent(value)}`,
  );
  await looked();
  const begun = performance.now();
  parent.location.hash = `#layerview&visit=${visits++}&${entries.join('&')}`;
  await until(() => isShown(key, 0));
  return performance.now() - begun;
}

async function click(key) {
  const row = [...document.querySelectorAll('[role=treeitem]')].find(each =>
    each.title.startsWith(`${key} `),
  );
  await looked();
  const begun = performance.now();
  row.click();
  await until(() => isShown(key, 0));
  return performance.now() - begun;
}

// What the picture takes that the next click of a mouse asks for, from the click on.
async function clicked(key) {
  await new Promise(resolve =>
    document.addEventListener('click', resolve, { capture: true, once: true }),
  );
  const begun = performance.now();
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

const nextFrame = () => new Promise(resolve => requestAnimationFrame(resolve));

// Milliseconds from frame to frame of the display while each of some moves asks for one.
async function intervals(moves) {
  let before = await nextFrame();
  const found = [];
  for (const move of moves) {
    move();
    const now = await nextFrame();
    found.push(now - before);
    before = now;
  }
  return found;
}

async function panIntervals(count) {
  return intervals(panning(count));
}

// What the browser and the machine make of a page that draws next to nothing: a small box.
async function boxIntervals(count) {
  const box = document.body.appendChild(document.createElement('div'));
  box.style = 'position: absolute; top: 0; left: 0; width: 10px; height: 10px';
  const colors = Array.from({ length: count }, (_, i) => (i % 2 ? 'black' : 'white'));
  const found = await intervals(colors.map(color => () => { box.style.background = color; }));
  box.remove();
  return found;
}

async function panFrames(count) {
  const found = [];
  for (const move of panning(count)) found.push(await timed(move));
  return found;
}

// A drag: its moves, each to be made before the next one is asked for.
function* panning(count) {
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
  for (let i = 1; i <= count; i++) {
    yield () => frame.dispatchEvent(at('pointermove', -4 * i));
  }
  frame.dispatchEvent(at('pointerup', 0));
  frame.dispatchEvent(at('pointerleave', 0));
}

const press = key =>
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));

// From step 0 to the next one, and back.
async function nextStep(key) {
  await looked();
  const begun = performance.now();
  press('ArrowRight');
  await until(() => isShown(key, 1));
  const taken = performance.now() - begun;
  press('ArrowLeft');
  await until(() => isShown(key, 0));
  return taken;
}
