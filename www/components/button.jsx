import { Icon } from './icon.jsx';

/** @import { ComponentChildren } from 'preact' */

/**
 * @param {{ children: ComponentChildren, onClick?: () => void, kind?: 'plain' | 'main' | 'danger' | 'quiet',
 *   small?: boolean, atEdge?: boolean, icon?: string, busy?: boolean, disabled?: boolean, submit?: boolean, describedBy?: string }} props
 */
export function Button({ children, onClick, kind = 'plain', icon, ...rest }) {
  const { small, atEdge, busy = false, disabled = false, submit, describedBy } = rest;
  return (
    <button
      type={submit ? 'submit' : 'button'}
      class={`button button-${kind} ${small ? 'button-small' : ''} ${atEdge ? 'button-at-edge' : ''}`}
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
