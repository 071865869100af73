import { type Place, TABS } from '../state/address';
import type { App } from '../state/app';
import { SAMPLE_AXIS, swapped } from '../state/roles';

/** True where a key belongs to the control that has the focus. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName))
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

const ACTIONS: Readonly<Record<string, Action>> = {
  ArrowLeft: app => app.playback.move(-1),
  ArrowRight: app => app.playback.move(1),
  Home: app => app.playback.goTo(0),
  End: app => app.playback.goTo(app.view.steps.value.length - 1),
  ' ': app => app.playback.toggle(),
  f: app => app.playback.follow(!app.view.following.value),
  j: app => moveTensor(app, 1),
  k: app => moveTensor(app, -1),
  '[': app => moveSample(app, -1),
  ']': app => moveSample(app, 1),
  '/': () => document.getElementById('lv-filter')?.focus(),
  '?': app => {
    app.helpOpen.value = true;
  },
  l: app => show(app, 'layer'),
  a: app => show(app, 'samples'),
  g: app => show(app, 'findings'),
  h: app => show(app, 'health'),
  s: app => {
    app.saveOpen.value = app.view.figure.value !== null;
  },
  t: app => {
    const plan = app.view.plan.value;
    if (plan !== null) app.selection.arrange(swapped(plan.roles), app.selection.crop.value);
  },
  Escape: app => {
    if (app.selection.element.value !== null) app.selection.element.value = null;
    else app.selection.map.value = null;
  },
};

/** What a key does on the page as a whole; null where it does nothing. */
export function actionOf(key: string): Action | null {
  const tab = TABS[Number(key) - 1];
  if (tab !== undefined) {
    return app => {
      app.selection.tab.value = tab;
    };
  }
  return ACTIONS[key] ?? null;
}

/**
 * Listens for the keys of the page. What the focused control or picture has already used
 * (`preventDefault`) is left to it. Returns what stops it.
 */
export function listenForShortcuts(app: App): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const inSheet = app.helpOpen.value || app.saveOpen.value;
    if (event.defaultPrevented || modified || inSheet || isTyping(event.target)) return;
    const onButton = event.target instanceof HTMLElement && event.target.closest('button, summary');
    if (onButton && (event.key === ' ' || event.key === 'Enter')) return;
    const action = actionOf(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (action === null) return;
    event.preventDefault();
    action(app);
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}
