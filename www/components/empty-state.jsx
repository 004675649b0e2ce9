import { Icon } from './icon.jsx';

/**
 * Fills a place that has no content yet and says how to get some.
 * @param {{ icon: string, title: string, children?: import('preact').ComponentChildren }} props
 */
export function EmptyState({ icon, title, children }) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}
