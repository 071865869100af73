import axes from './axes.css?inline';
import caseStyles from './case.css?inline';
import charts from './charts.css?inline';
import compare from './compare.css?inline';
import contributions from './contributions.css?inline';
import controls from './controls.css?inline';
import course from './course.css?inline';
import findings from './findings.css?inline';
import health from './health.css?inline';
import layout from './layout.css?inline';
import main from './main.css?inline';
import pinned from './pinned.css?inline';
import places from './places.css?inline';
import ridge from './ridge.css?inline';
import samples from './samples.css?inline';
import save from './save.css?inline';
import side from './side.css?inline';
import statistics from './statistics.css?inline';
import steps from './steps.css?inline';
import theme from './theme.css?inline';

/** The page's style sheets; TensorBoard serves no file beside the module. */
export const pageStyles: readonly string[] = [
  theme,
  controls,
  axes,
  layout,
  side,
  pinned,
  main,
  steps,
  statistics,
  places,
  findings,
  health,
  course,
  charts,
  compare,
  ridge,
  samples,
  caseStyles,
  contributions,
  save,
];
