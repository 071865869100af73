import { useSignal } from '@preact/signals';
import { useCallback, useRef } from 'preact/hooks';
import type { Tensor } from '../contract/messages';
import type { Plan } from '../state/plan';
import { naturalRoles, ROLES, type Role, swapped, withRole } from '../state/roles';
import { useApp } from './appContext';
import { useDismissal } from './useDismissal';

const ROLE_LABELS: Readonly<Record<Role, string>> = {
  rows: 'rows',
  columns: 'columns',
  maps: 'maps side by side',
  down: 'grid, downwards',
  across: 'grid, to the right',
  slider: 'a slider',
};

/** Below this rank there is nothing to choose. */
const FEWEST_AXES = 1;

interface Props {
  tensor: Tensor;
  plan: Plan;
}

function AxisLines({ tensor, plan }: Props) {
  const { selection } = useApp();
  const choose = (roles: Role[]) => {
    const isNatural = String(roles) === String(naturalRoles(tensor));
    selection.arrange(isNatural ? null : roles, selection.crop.value);
  };
  return (
    <>
      {tensor.shape.map((extent, axis) => {
        const name = tensor.axes[axis] ?? `Axis ${axis}`;
        return (
          <label key={axis} class="lv-layout-line">
            <span>
              {name} <span class="lv-muted">{extent.toLocaleString('en')}</span>
            </span>
            <select
              class="lv-field"
              aria-label={`${name} is drawn as`}
              value={plan.roles[axis]}
              onChange={event => {
                const role = ROLES[event.currentTarget.selectedIndex];
                if (role !== undefined) choose(withRole(plan.roles, axis, role));
              }}
            >
              {ROLES.map(role => (
                <option key={role} value={role}>
                  {ROLE_LABELS[role]}
                </option>
              ))}
            </select>
          </label>
        );
      })}
      <div class="lv-layout-actions">
        <button
          type="button"
          class="lv-button"
          title="Transpose (T)"
          onClick={() => choose(swapped(plan.roles))}
        >
          Swap rows and columns
        </button>
        <button
          type="button"
          class="lv-button"
          disabled={
            selection.roles.value === null && Object.keys(selection.crop.value).length === 0
          }
          onClick={() => selection.arrange(null, {})}
        >
          Reset
        </button>
      </div>
    </>
  );
}

/** What each axis of the tensor is in the picture, to be chosen. */
export function LayoutMenu() {
  const { view } = useApp();
  const root = useRef<HTMLDivElement>(null);
  const isOpen = useSignal(false);
  const close = useCallback(() => {
    isOpen.value = false;
  }, [isOpen]);
  useDismissal(root, close);
  const [tensor, plan] = [view.tensor.value, view.plan.value];
  if (tensor === null || plan === null || tensor.shape.length < FEWEST_AXES) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: closes what is open within on Escape
    <div
      class="lv-layout"
      ref={root}
      onKeyDown={event => {
        if (event.key !== 'Escape' || !isOpen.value) return;
        close();
        root.current?.querySelector('button')?.focus();
        event.preventDefault();
      }}
    >
      <button
        type="button"
        class="lv-button"
        aria-expanded={isOpen.value}
        aria-controls="lv-layout-menu"
        title="What is drawn as rows, columns, maps side by side or a slider"
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        Layout{plan.isNatural ? '' : ' (changed)'} <span aria-hidden="true">▾</span>
      </button>
      {isOpen.value && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset has a legend and a frame of its own
        <div
          id="lv-layout-menu"
          class="lv-layout-menu"
          role="group"
          aria-label="Layout of the axes"
        >
          <AxisLines tensor={tensor} plan={plan} />
        </div>
      )}
    </div>
  );
}
