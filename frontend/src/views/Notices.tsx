import { SAMPLE_AXIS } from '../state/roles';
import { useApp } from './appContext';
import { Icon } from './Icon';

/** Lines above the picture, for what is so while it is still worth looking at. */
export function Notices() {
  const { view, serverGone, selection } = useApp();
  const missingStep = view.missingStep.value;
  const isDrawn = selection.place.value === 'layer' && selection.tab.value !== 'statistics';
  const misfits = (isDrawn ? view.plan.value?.misfits : null) ?? [];
  return (
    <>
      {serverGone.value && view.shownCatalog.value !== null && (
        <div class="lv-notice lv-notice-error" role="alert">
          <Icon name="warning" />
          <span>TensorBoard does not answer. What was loaded stays here; asking again.</span>
          <button type="button" class="lv-button" onClick={() => view.runs.reload()}>
            Ask now
          </button>
        </div>
      )}
      {missingStep !== null && (
        <div class="lv-notice" role="status">
          <Icon name="warning" />
          <span>
            {view.missingIsDropped.value
              ? `Of step ${missingStep} only the statistics are kept.`
              : `Step ${missingStep} was not recorded in this run.`}{' '}
            This is the nearest, step {view.step.value}.
          </span>
          <button
            type="button"
            class="lv-button"
            onClick={() => {
              selection.step.value = view.step.value;
            }}
          >
            Stay here
          </button>
        </div>
      )}
      {misfits.length > 0 && (
        <div class="lv-notice" role="status">
          <Icon name="warning" />
          <span>{misfits.join(' ')}</span>
          <button
            type="button"
            class="lv-button"
            onClick={() => {
              const { plan, tensor } = view;
              const sample = plan.value?.picks.find(({ name }) => name === SAMPLE_AXIS)?.index;
              const isWhole = selection.roles.value?.length === tensor.value?.shape.length;
              selection.show({
                roles: isWhole ? selection.roles.value : null,
                crop: {},
                lead: {},
                sample: sample ?? selection.sample.value,
              });
            }}
          >
            Show what there is
          </button>
        </div>
      )}
    </>
  );
}
