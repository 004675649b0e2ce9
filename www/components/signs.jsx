import { Icon } from './icon.jsx';

/** @import { ComponentChildren } from 'preact' */

/** @typedef {'calm' | 'accent' | 'good' | 'warn' | 'bad'} Tone */

/** @type {Record<Tone, string>} */
const ICONS = { calm: 'note', accent: 'note', good: 'good', warn: 'warn', bad: 'bad' };

/** @param {{ tone?: Tone, children: ComponentChildren }} props */
export function Badge({ tone = 'calm', children }) {
  return <span class={`badge tone-${tone}`}>{children}</span>;
}

/**
 * Something that has to be read. `live`: it is also spoken when it appears.
 * @param {{ tone?: Tone, title: string, children?: ComponentChildren, live?: boolean }} props
 */
export function Alert({ tone = 'calm', title, children, live }) {
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

/**
 * How far something is, from 0 to 1.
 * @param {{ part: number, label: string, tone?: 'good' | 'bad', large?: boolean }} props
 */
export function ProgressBar({ part, label, tone, large }) {
  const percent = Math.floor(part * 100);
  return (
    <div
      class={`bar ${tone ? `bar-${tone}` : ''} ${large ? 'bar-large' : ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      style={{ '--part': part }}
    >
      <i />
    </div>
  );
}

/**
 * A few numbers, side by side.
 * @param {{ tiles: { title: string, value: string, note?: string }[] }} props
 */
export function Tiles({ tiles }) {
  return (
    <dl class="tiles">
      {tiles.map(({ title, value, note }) => (
        <div key={title} class="tile">
          <dt>{title}</dt>
          <dd>
            {value}
            {note !== undefined && <div class="tile-note">{note}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/**
 * A place where nothing is yet, and what brings something there.
 * @param {{ icon: string, title: string, children?: ComponentChildren }} props
 */
export function Empty({ icon, title, children }) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}
