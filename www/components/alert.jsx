import { Icon } from './icon.jsx';

/** @import { ComponentChildren } from 'preact' */
/** @import { Tone } from './badge.jsx' */

/** @type {Record<Tone, string>} */
const ICONS = { neutral: 'note', accent: 'note', good: 'good', warn: 'warn', bad: 'bad' };

/**
 * A message box. With `live`, screen readers announce it when it appears.
 * @param {{ tone?: Tone, title: string, children?: ComponentChildren, live?: boolean }} props
 */
export function Alert({ tone = 'neutral', title, children, live }) {
  return (
    <div class={`alert tone-${tone}`} role={live ? 'alert' : undefined}>
      <Icon name={ICONS[tone]} />
      <div class="alert-body">
        <h2>{title}</h2>
        {children}
      </div>
    </div>
  );
}
