import { useState } from 'preact/hooks';
import { count } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Dialog } from '../components/dialog.jsx';
import { TextField } from '../components/field.jsx';
import { plural } from '../components/plural.js';

/** @import { ShownPlan } from '../worker/calls.js' */

/**
 * Confirms that tables are overwritten. The user types the name of their database.
 * @param {{ plan: ShownPlan, onCancel: () => void, onConfirm: () => void }} props
 */
export function OverwriteDialog({ plan, onCancel, onConfirm }) {
  const [typed, setTyped] = useState('');
  const name = plan.destinationDatabase;
  const isMatch = typed.trim() === name;
  const rows = plan.tables.reduce((sum, { overwrites }) => sum + (overwrites?.rows ?? 0n), 0n);
  const tables = plan.totals.overwrite?.tables ?? 0;
  return (
    <Dialog
      title={`Overwrite ${plural(tables, 'table')} in ${name}?`}
      onClose={onCancel}
      onSubmit={() => isMatch && onConfirm()}
      actions={
        <>
          <Button onClick={onCancel}>Cancel</Button>
          <Button variant="danger" submit disabled={!isMatch}>
            Overwrite and start
          </Button>
        </>
      }
    >
      <p>
        About {count(rows)} rows in {plan.destination} will be lost. Each table keeps its rows until its copy
        is complete and verified. Then it is replaced in one step.
      </p>
      <TextField
        label={`To continue, type the name of the database: ${name}`}
        value={typed}
        onInput={setTyped}
      />
    </Dialog>
  );
}
