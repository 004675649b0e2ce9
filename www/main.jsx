import { render } from 'preact';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/controls.css';
import './style/signs.css';
import './style/table.css';
import { App } from './app.jsx';

render(<App />, /** @type {HTMLElement} */ (document.getElementById('app')));
