import { Icon } from './icon.jsx';

/** @import { ComponentChildren } from 'preact' */

/**
 * A button. `busy` shows a spinner and disables it; `atEdge` aligns its text with the edge of the container.
 * @param {{ children: ComponentChildren, onClick?: () => void, variant?: 'plain' | 'primary' | 'danger' | 'quiet',
 *   small?: boolean, atEdge?: boolean, icon?: string, busy?: boolean, disabled?: boolean, submit?: boolean, describedBy?: string }} props
 */
export function Button({ children, onClick, variant = 'plain', icon, ...rest }) {
  const { small, atEdge, busy = false, disabled = false, submit, describedBy } = rest;
  return (
    <button
      type={submit ? 'submit' : 'button'}
      class={`button button-${variant} ${small ? 'button-small' : ''} ${atEdge ? 'button-at-edge' : ''}`}
      onClick={onClick}
      disabled={disabled || busy}
      aria-busy={busy}
      aria-describedby={describedBy}
    >
      {busy ? <span class="spinner" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
