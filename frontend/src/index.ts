import { h, options, render as renderTree } from 'preact';
import uPlotStyles from 'uplot/dist/uPlot.min.css?inline';
import { Client } from './api/client';
import { answerSearches, type SearchScope, searchIn } from './api/expressions';
import { pictureStyles } from './picture';
import { App } from './state/app';
import { surroundingPage } from './state/page';
import { pageStyles } from './styles';
import { AppContext } from './views/appContext';
import { Page } from './views/Page';
import { rehearse } from './views/rehearse';
import { withPicture } from './views/together';

/** Draws the page: TensorBoard's plugin frame calls this once it has imported the module. */
export function render(): void {
  const styles = document.createElement('style');
  styles.textContent = [uPlotStyles, ...pageStyles, pictureStyles].join('\n');
  document.head.append(styles);
  // The frame is TensorBoard's, and has neither.
  document.title = 'LayerView';
  document.documentElement.lang = 'en';
  // The routes are siblings of this module, whatever path prefix TensorBoard was given. (A URL
  // relative to `import.meta.url` is not used: the bundler would take it for a file to include.)
  const base = import.meta.url.slice(0, import.meta.url.lastIndexOf('/') + 1);
  // This very module, in a thread: see below.
  const search = searchIn(() => new Worker(import.meta.url, { type: 'module' }));
  const app = new App(new Client(base), surroundingPage(), search);
  options.debounceRendering = withPicture(app.view.picture.loading);
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  renderTree(h(AppContext.Provider, { value: app }, h(Page, null)), root);
  rehearse(app.view.picture);
}

// TensorBoard serves one file: a thread without a document is the one that searches.
if (typeof document === 'undefined') answerSearches(globalThis as unknown as SearchScope);
