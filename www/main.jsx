import { render } from 'preact';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/controls.css';
import './style/status.css';
import './style/table.css';
import './style/connect.css';
import './style/clone.css';
import './style/export.css';
import { App } from './app.jsx';
import { planAsOptionsChange } from './clone/plan-state.js';
import { planExportsAsOptionsChange } from './export/export-state.js';
import { warmUp } from './worker/rpc-client.js';

// What a reload has to say stands at the top.
history.scrollRestoration = 'manual';
warmUp();
planAsOptionsChange();
planExportsAsOptionsChange();
render(<App />, /** @type {HTMLElement} */ (document.getElementById('app')));
