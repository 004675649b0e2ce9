import { Button } from '../components/button.jsx';

/** @import { ComponentChildren } from 'preact' */

/**
 * The action bar while a run is in progress. `stoppingText` says what is being cleaned up.
 * @param {{ name: string, isStopping: boolean, stoppingText: string, onCancel: () => void,
 *   children?: ComponentChildren }} props
 */
export function RunningBar({ name, isStopping, stoppingText, onCancel, children }) {
  return (
    <div class="action-bar">
      <p class="small muted" role="status">
        {isStopping ? `Stopping. ${stoppingText}` : `Keep this page open until the ${name} has ended.`}
      </p>
      <Button icon="stop" busy={isStopping} onClick={onCancel}>
        {isStopping ? 'Stopping…' : 'Cancel'}
      </Button>
      {children}
    </div>
  );
}
