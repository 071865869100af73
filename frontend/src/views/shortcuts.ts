import { PICTURE_KEYS } from '../picture';
import { PLACES, type Place, TABS, type Tab } from '../state/address';
import type { App } from '../state/app';
import { SAMPLE_AXIS, swapped } from '../state/roles';
import { PLACE_KEYS, PLACE_LABELS, TAB_LABELS } from './labels';
import { TREE_KEYS } from './treeKeys';

/** What moves a slider; to it a letter or a digit is nothing. */
const SLIDER_KEYS = /^(Arrow|Page|Home$|End$)/;

/** True where a key belongs to the control that has the focus. */
function isTyping(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement) || isPressed(target)) return false;
  if (target.matches('input[type=range]')) return SLIDER_KEYS.test(key);
  return target.isContentEditable || ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName);
}

/** Whether the space bar and Enter are all that a control takes: letters are not typed into it. */
function isPressed(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('button, summary, input[type=checkbox]') !== null
  );
}

function moveSample(app: App, by: number): void {
  const pick = app.view.plan.value?.picks.find(({ name }) => name === SAMPLE_AXIS);
  if (!pick) return;
  app.selection.sample.value = Math.max(0, Math.min(pick.index + by, pick.extent - 1));
}

function moveTensor(app: App, by: number): void {
  const rows = app.tree.rows.value.filter(row => row.type === 'tensor');
  const shown = rows.findIndex(row => row.id === app.view.tensor.value?.key);
  const next = rows[Math.max(0, Math.min(shown + by, rows.length - 1))];
  if (next) app.selection.chooseKey(next.id);
}

function show(app: App, place: Place): void {
  app.selection.place.value = place;
}

type Action = (app: App) => void;

function showTab(app: App, tab: Tab): void {
  show(app, 'layer');
  app.selection.tab.value = tab;
}

function pinShown(app: App): void {
  const key = app.view.tensor.value?.key;
  if (key !== undefined) app.selection.togglePin(key);
}

/** From one pinned tensor to the next, and from the last to the first. */
function nextPinned(app: App): void {
  const keys = app.pinned.value.map(tensor => tensor.key);
  const at = keys.indexOf(app.view.tensor.value?.key ?? '');
  const next = keys[(at + 1) % Math.max(1, keys.length)];
  if (next !== undefined) app.selection.chooseKey(next);
}

function swapAxes(app: App): void {
  const plan = app.view.plan.value;
  if (plan !== null) app.selection.arrange(swapped(plan.roles), app.selection.crop.value);
}

function back(app: App): void {
  if (app.selection.element.value !== null) app.selection.element.value = null;
  else app.selection.map.value = null;
}

/** Keys of the page as a whole, each with its action, and what they mean together. */
interface PageKeys {
  readonly keys: Readonly<Record<string, Action>>;
  readonly meaning: string;
}

const STEP_KEYS: readonly PageKeys[] = [
  {
    keys: { ArrowLeft: app => app.playback.move(-1), ArrowRight: app => app.playback.move(1) },
    meaning: 'previous and next recorded step',
  },
  {
    keys: {
      Home: app => app.playback.goTo(0),
      End: app => app.playback.goTo(app.view.steps.value.length - 1),
    },
    meaning: 'first and last step',
  },
  { keys: { ' ': app => app.playback.toggle() }, meaning: 'play, pause' },
  {
    keys: { f: app => app.playback.follow(!app.view.following.value) },
    meaning: 'follow the newest step',
  },
];

const VIEW_KEYS: readonly PageKeys[] = [
  {
    keys: { '/': () => document.getElementById('lv-filter')?.focus() },
    meaning: 'filter the layers',
  },
  {
    keys: { j: app => moveTensor(app, 1), k: app => moveTensor(app, -1) },
    meaning: 'next and previous tensor',
  },
  {
    keys: { p: pinShown, n: nextPinned },
    meaning: 'pin the tensor above the layers, or unpin it; next pinned one',
  },
  {
    keys: { '[': app => moveSample(app, -1), ']': app => moveSample(app, 1) },
    meaning: 'previous and next sample',
  },
  { keys: { t: swapAxes }, meaning: 'swap rows and columns' },
  {
    keys: Object.fromEntries(
      TABS.map((tab, i): [string, Action] => [String(i + 1), app => showTab(app, tab)]),
    ),
    meaning: TABS.map(tab => TAB_LABELS[tab].toLowerCase()).join(', '),
  },
  {
    keys: Object.fromEntries(
      PLACES.map((place): [string, Action] => [PLACE_KEYS[place], app => show(app, place)]),
    ),
    meaning: PLACES.map(place => PLACE_LABELS[place].toLowerCase()).join(', '),
  },
  {
    keys: {
      s: app => {
        if (app.canSave.value) app.sheet.value = 'save';
      },
    },
    meaning: 'save the picture, its numbers, code or a link',
  },
  {
    keys: {
      m: app => {
        app.sheet.value = 'model';
      },
    },
    meaning: 'the model as text, with the location of every layer',
  },
  { keys: { Escape: back }, meaning: 'close the chart of a cell; from one large map back to all' },
  {
    keys: {
      '?': app => {
        app.sheet.value = 'help';
      },
    },
    meaning: 'this sheet',
  },
];

const ACTIONS: ReadonlyMap<string, Action> = new Map(
  [...STEP_KEYS, ...VIEW_KEYS].flatMap(({ keys }) => Object.entries(keys)),
);

const CAPS: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  '-': '−',
  ' ': 'Space',
};

/** A key as it is printed on the keyboard. */
function capOf(key: string): string {
  return CAPS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}

/** A line of the help: what is pressed, and what it does. */
export interface HelpLine {
  readonly caps: readonly string[];
  readonly meaning: string;
}

const lineOf = (keys: readonly string[], meaning: string): HelpLine => ({
  caps: keys.map(capOf),
  meaning,
});

const ofPage = ({ keys, meaning }: PageKeys) => lineOf(Object.keys(keys), meaning);

/** All keys, from the tables that the page, the tree and the pictures obey. */
export const HELP: readonly { readonly title: string; readonly lines: readonly HelpLine[] }[] = [
  { title: 'Steps', lines: STEP_KEYS.map(ofPage) },
  { title: 'What is shown', lines: VIEW_KEYS.map(ofPage) },
  {
    title: 'In the layer tree',
    lines: TREE_KEYS.map(({ keys, meaning }) => lineOf(Object.keys(keys), meaning)),
  },
  {
    title: 'On the edge of the layers (drag it, or Tab to it)',
    lines: [
      lineOf(['ArrowLeft', 'ArrowRight'], 'narrower, wider'),
      lineOf(['Home', 'End'], 'as narrow, as wide as can be'),
      lineOf(['Enter', 'Double click'], 'the width it had at first'),
    ],
  },
  {
    title: 'In a picture (click it, or Tab to it)',
    lines: [
      ...PICTURE_KEYS.map(({ keys, meaning }) => lineOf(keys, meaning)),
      { caps: ['Wheel', 'Pinch'], meaning: 'zoom' },
      { caps: ['Drag'], meaning: 'pan' },
      { caps: ['Double click'], meaning: 'all of it again' },
    ],
  },
  {
    title: 'On histograms over the steps',
    lines: [
      lineOf(
        ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'],
        'read them; Enter goes to a step',
      ),
      lineOf(['+', '-', '0'], 'fewer steps, more steps, all steps'),
    ],
  },
  {
    title: 'On an end of the colour scale',
    lines: [lineOf(['ArrowLeft', 'ArrowRight'], 'move it; with Shift, ten times as far')],
  },
];

/** What a key does on the page as a whole; null where it does nothing. */
export function actionOf(key: string): Action | null {
  return ACTIONS.get(key) ?? null;
}

/**
 * Listens for the keys of the page. What the focused control or picture has already used
 * (`preventDefault`) is left to it. Returns what stops it.
 */
export function listenForShortcuts(app: App): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const inSheet = document.querySelector('dialog[open]') !== null;
    if (event.defaultPrevented || modified || inSheet || isTyping(event.target, event.key)) return;
    if (isPressed(event.target) && (event.key === ' ' || event.key === 'Enter')) return;
    const action = actionOf(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (action === null) return;
    event.preventDefault();
    action(app);
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}
