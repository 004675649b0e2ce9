import { render } from 'preact';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/controls.css';
import './style/overlays.css';
import './style/status.css';
import './style/table.css';
import './style/connect.css';
import './style/run.css';
import './style/clone.css';
import './style/export.css';
import './style/parquet.css';
import { App } from './app.jsx';
import { watchCloneOptions } from './clone/plan-state.js';
import { watchExportOptions } from './export/export-state.js';
import { watchPrivateFiles } from './export/private-files.js';
import { watchRelay } from './relay-watch.js';
import { warmUp } from './worker/rpc-client.js';

// After a reload, the notice about the previous run is at the top of the page.
history.scrollRestoration = 'manual';
warmUp();
watchRelay();
watchPrivateFiles();
watchCloneOptions();
watchExportOptions();
render(<App />, /** @type {HTMLElement} */ (document.getElementById('app')));
