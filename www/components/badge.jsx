/** @import { ComponentChildren } from 'preact' */

/** What a colour stands for. Each tone is a class in `style/status.css`.
 * @typedef {'neutral' | 'accent' | 'good' | 'warn' | 'bad'} Tone */

/**
 * A word or two in a coloured pill.
 * @param {{ tone?: Tone, children: ComponentChildren }} props
 */
export function Badge({ tone = 'neutral', children }) {
  return <span class={`badge tone-${tone}`}>{children}</span>;
}
