import { drawableLevels, PLANES, reasonForLevel } from '../state/levels';
import { PLANE_LABELS } from '../state/wording';
import { useApp } from './appContext';

/** Chooses the level of detail of a large tensor, and what is shown of its blocks. */
export function DetailPicker() {
  const { selection, view } = useApp();
  const [tensor, plan] = [view.tensor.value, view.plan.value];
  if (tensor === null || plan === null) return null;
  const levels = drawableLevels(tensor);
  const canBeTiled = selection.mayBeMap && plan.canBeTiled;
  const isReduced = plan.level > 0 || reasonForLevel(tensor, plan.drawn, plan.parts) !== null;
  return (
    <>
      {isReduced && levels.length > 1 && (
        <label class="lv-picker">
          Detail
          <select
            class="lv-field"
            value={plan.tiled ? 'automatic' : plan.level}
            onChange={event => {
              const { value } = event.currentTarget;
              selection.chooseLevel(value === 'automatic' ? null : Number(value));
            }}
          >
            {canBeTiled && <option value="automatic">automatic</option>}
            {levels.map(level => (
              <option key={level} value={level}>
                {level === 0 ? 'elements' : `level ${level}`}
              </option>
            ))}
          </select>
        </label>
      )}
      {plan.level > 0 && (
        <label class="lv-picker">
          Each cell
          <select
            class="lv-field"
            value={plan.plane}
            onChange={event => {
              const chosen = PLANES.find(plane => plane === event.currentTarget.value);
              if (chosen !== undefined) selection.plane.value = chosen;
            }}
          >
            {PLANES.map(plane => (
              <option key={plane} value={plane}>
                {PLANE_LABELS[plane]}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}
