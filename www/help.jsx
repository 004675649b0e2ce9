import { useState } from 'preact/hooks';
import { Button } from './components/button.jsx';
import { Dialog } from './components/dialog.jsx';
import { relay } from './relay.js';

/** Opens the help. */
export function HelpButton() {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button variant="quiet" small onClick={() => setIsOpen(true)}>
        Help
      </Button>
      {isOpen && <Help onClose={() => setIsOpen(false)} />}
    </>
  );
}

/** @param {{ onClose: () => void }} props */
function Help({ onClose }) {
  return (
    <Dialog
      title={`petit ${__VERSION__}`}
      onClose={onClose}
      onSubmit={onClose}
      actions={
        <Button variant="primary" submit>
          Close
        </Button>
      }
    >
      <ul class="help-list">
        <li>
          <b>Connect</b> checks an API key of each account. A reload deletes keys that you typed.
        </li>
        <li>
          <b>Clone</b> shows a plan for each table, and writes only after “Start the clone”.
        </li>
        <li>
          <b>Export</b> writes tables or the result of a query to Parquet files, and shows what is in such
          files.
        </li>
        <li>
          The address of this page keeps the view, the database, the chosen tables and the options, but no
          key.
        </li>
        {relay && (
          <li>
            In a terminal, <code>petit help</code> lists the commands, which do the same without a browser.
          </li>
        )}
      </ul>
      <p class="row small">
        <Link href="https://docs.treasuredata.com/">Documentation of Treasure Data</Link>
        <Link href="./licenses.md">Licences of the software in petit</Link>
        <span class="muted">petit is under the Apache License 2.0.</span>
      </p>
    </Dialog>
  );
}

/** @param {{ href: string, children: string }} props */
const Link = ({ href, children }) => (
  <a href={href} target="_blank" rel="noreferrer">
    {children}
  </a>
);
