import { useState } from 'preact/hooks';
import { count } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Dialog } from '../components/dialog.jsx';
import { TextField } from '../components/field.jsx';

/** @import { ShownPlan } from '../worker/calls.js' */

/**
 * Has the name of the database typed whose tables are about to be replaced.
 * @param {{ plan: ShownPlan, onCancel: () => void, onConfirm: () => void }} props
 */
export function OverwriteDialog({ plan, onCancel, onConfirm }) {
  const [typed, setTyped] = useState('');
  const name = plan.destinationDatabase;
  const isSame = typed.trim() === name;
  const rows = plan.tables.reduce((sum, { loses }) => sum + (loses?.rows ?? 0n), 0n);
  const tables = plan.totals.overwrite?.tables ?? 0;
  return (
    <Dialog
      title={`Replace ${tables} ${tables === 1 ? 'table' : 'tables'} of ${name}?`}
      onClose={onCancel}
      onSubmit={() => isSame && onConfirm()}
      actions={
        <>
          <Button onClick={onCancel}>Cancel</Button>
          <Button kind="danger" submit disabled={!isSame}>
            Replace and start
          </Button>
        </>
      }
    >
      <p>
        About {count(rows)} rows at {plan.destination} will be lost. Each table keeps its rows until its copy
        is complete and verified, and is then replaced in one step.
      </p>
      <TextField
        label={`Type the name of the database, ${name}, to go on`}
        value={typed}
        onInput={setTyped}
      />
    </Dialog>
  );
}
