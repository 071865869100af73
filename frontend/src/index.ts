import { h, render as renderTree } from 'preact';
import uPlotStyles from 'uplot/dist/uPlot.min.css?inline';
import { Client } from './api/client';
import { pictureStyles } from './picture';
import { App } from './state/app';
import { surroundingPage } from './state/page';
import { pageStyles } from './styles';
import { AppContext } from './views/appContext';
import { Page } from './views/Page';

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
  const app = new App(new Client(base), surroundingPage());
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  renderTree(h(AppContext.Provider, { value: app }, h(Page, null)), root);
}
