import { batch } from '@preact/signals';
import { ApiError } from '../api/errors';
import type { Contributions, Feature } from '../contract/messages';
import { formatShort } from '../scale/format';
import { lead, mapPlace, sumsOf } from '../state/contributionRows';
import type { SampleRow } from '../state/sampleRow';
import { className } from '../state/verdictWords';
import { useApp } from './appContext';
import { Choice } from './Choice';
import { Failure, Message } from './Message';
import { useKeyText } from './useKeyText';

const HALF_PERCENT = 50;

/** To the right what speaks for the chosen class, to the left what speaks for the other. */
function LeadBar({ value, most }: { value: number; most: number }) {
  const share = most === 0 ? 0 : (HALF_PERCENT * Math.abs(value)) / most;
  const side = value < 0 ? { right: `${HALF_PERCENT}%` } : { left: `${HALF_PERCENT}%` };
  return (
    <span class="lv-lead-bar" aria-hidden="true">
      <span
        class={value < 0 ? 'lv-lead-against' : 'lv-lead-for'}
        style={{ width: `${share.toFixed(1)}%`, ...side }}
      />
    </span>
  );
}

/** What a feature is called, and the way to where it is seen. */
function FeatureName({ feature, found }: { feature: Feature; found: Contributions }) {
  const { selection, view } = useApp();
  const place = mapPlace(feature.index, found);
  const { map_key: maps, source } = found;
  if (place !== null && maps !== null) {
    const mean = place.cell.length === 0 ? 'mean of ' : '';
    const cell = place.cell.length === 0 ? '' : ` [${place.cell.join(', ')}]`;
    return (
      <button
        type="button"
        class="lv-link"
        title={`${maps}: shows this feature map large`}
        onClick={() =>
          batch(() => {
            selection.tab.value = 'heat';
            selection.chooseKey(maps);
            selection.map.value = place.map;
          })
        }
      >
        {mean}Filter {place.map + 1}
        {cell}
      </button>
    );
  }
  const isHere = view.shownCatalog.value?.tensors.some(({ key }) => key === source) ?? false;
  const name = `Feature ${feature.index}`;
  if (!isHere) return <span>{name}</span>;
  return (
    <button
      type="button"
      class="lv-link"
      title={`${source}: shows this feature over the steps`}
      onClick={() =>
        batch(() => {
          selection.tab.value = 'heat';
          selection.chooseKey(source);
          selection.element.value = `${selection.sample.value},${feature.index}`;
        })
      }
    >
      {name}
    </button>
  );
}

interface TableProps {
  found: Contributions;
  chosen: string;
  other: string;
}

function ContributionsTable({ found, chosen, other }: TableProps) {
  const sums = sumsOf(found);
  const bias = found.chosen_bias - found.right_bias;
  const others = sums.others.chosen - sums.others.right;
  const most = Math.max(...found.features.map(each => Math.abs(lead(each))), Math.abs(bias));
  const isAll = Math.abs(sums.others.chosen) + Math.abs(sums.others.right) < 1e-9;
  const cells = (values: readonly number[]) =>
    values.map((value, i) => <td key={i}>{formatShort(value)}</td>);
  return (
    <table class="lv-contributions">
      <caption class="lv-hidden">
        What each feature adds to the logits of {chosen} and {other}
      </caption>
      <thead>
        <tr>
          <th scope="col">Feature</th>
          <th scope="col">Value</th>
          <th scope="col">
            speaks for {other} · for {chosen}
          </th>
          <th scope="col">Difference</th>
          <th scope="col">x weight of {chosen}</th>
          <th scope="col">adds to {chosen}</th>
          <th scope="col">x weight of {other}</th>
          <th scope="col">adds to {other}</th>
        </tr>
      </thead>
      <tbody>
        {found.features.map(feature => (
          <tr key={feature.index}>
            <th scope="row">
              <FeatureName feature={feature} found={found} />
            </th>
            <td>{formatShort(feature.value)}</td>
            <td>
              <LeadBar value={lead(feature)} most={most} />
            </td>
            {cells([
              lead(feature),
              feature.chosen_weight,
              feature.to_chosen,
              feature.right_weight,
              feature.to_right,
            ])}
          </tr>
        ))}
        {!isAll && (
          <tr>
            <th scope="row">all other features</th>
            <td />
            <td>
              <LeadBar value={others} most={Math.max(most, Math.abs(others))} />
            </td>
            {cells([others])}
            <td />
            {cells([sums.others.chosen])}
            <td />
            {cells([sums.others.right])}
          </tr>
        )}
        <tr>
          <th scope="row">bias</th>
          <td />
          <td>
            <LeadBar value={bias} most={most} />
          </td>
          {cells([bias])}
          <td />
          {cells([found.chosen_bias])}
          <td />
          {cells([found.right_bias])}
        </tr>
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">logit</th>
          <td />
          <td />
          {cells([sums.lead])}
          <td />
          {cells([found.chosen_logit])}
          <td />
          {cells([found.right_logit])}
        </tr>
      </tfoot>
    </table>
  );
}

function Missing({ words }: { words: string }) {
  return (
    <Message title="What carried the answer is not known here">
      <p>
        It is told of the last <code>nn.Linear</code> of the forward that answers one row of numbers
        for each sample. Its output, its weights and what it was given must be recorded whole:{' '}
        <code>kinds=("param", "input", "output")</code>; for a probe, the weights in the run beside
        it.
      </p>
      <p class="lv-muted">
        <code class="lv-error-words">{words}</code>
      </p>
    </Message>
  );
}

/** For the last layer: which inputs times weights carried the chosen class, and which another. */
export function ContributionsView({ row }: { row: SampleRow }) {
  const { contributions, selection, view } = useApp();
  const textOf = useKeyText();
  const labels = view.shownCatalog.value?.labels ?? [];
  const error = contributions.error.value;
  const answer = contributions.answer.value;
  if (error !== null) {
    return error instanceof ApiError &&
      (error.code === 'not_found' || error.code === 'malformed') ? (
      <Missing words={error.message} />
    ) : (
      <Failure error={error} onRetry={() => contributions.reload()} />
    );
  }
  const position = view.shownCatalog.value?.samples[row.index];
  if (answer === null || answer.request.sample !== position) {
    return <p class="lv-muted">Adding up what the last layer was given…</p>;
  }
  const found = answer.value;
  const [chosen, other] = [className(found.chosen, labels), className(found.right, labels)];
  const sums = sumsOf(found);
  const classes = Array.from({ length: found.classes }, (_, each) => each).filter(
    each => each !== found.chosen,
  );
  return (
    <div class="lv-carried">
      <div class="lv-way-choices">
        <span>
          Why <strong>{chosen}</strong> rather than
        </span>
        <Choice
          label="the class"
          value={found.right}
          options={classes.includes(found.right) ? classes : [found.right, ...classes]}
          labelOf={each => className(each, labels)}
          onChange={each => {
            selection.detail.value = { ...selection.detail.value, against: each };
          }}
        />
      </div>
      <p>
        {found.layer} gives {chosen} the logit {formatShort(found.chosen_logit)} and {other}{' '}
        {formatShort(found.right_logit)}: {formatShort(Math.abs(sums.lead))}{' '}
        {sums.lead < 0 ? 'less' : 'more'}. The {found.features.length} inputs that tell the two
        apart most make {formatShort(sums.told)} of that.
      </p>
      <ContributionsTable found={found} chosen={chosen} other={other} />
      <p class="lv-muted">
        Inputs of {found.layer}: {found.source}
        {found.map_key === null ? '' : `, made of ${textOf(found.map_key)}`}. A logit is the sum of
        what is added to it.
      </p>
    </div>
  );
}
