import { paramsOf } from '../parameters.js';

/**
 * Routes that control the emulator: log, faults and settings. They need no key.
 * @param {import('../server.js').App} app
 * @param {import('../emulator.js').Emulator} emulator
 */
export function controlRoutes(app, emulator) {
  app.get('/__emulator/requests', () => ({ requests: emulator.log.entries }));
  app.post('/__emulator/requests/clear', () => {
    emulator.log.entries = [];
    return {};
  });

  app.get('/__emulator/faults', () => ({ faults: emulator.faults.list() }));
  app.post('/__emulator/faults', (request) => ({
    id: emulator.faults.add(/** @type {any} */ (paramsOf(request))),
  }));
  app.post('/__emulator/faults/clear', async () => {
    await emulator.faults.clear();
    return {};
  });

  app.get('/__emulator/settings', () => emulator.settings);
  app.post('/__emulator/settings', (request) => emulator.configure(/** @type {any} */ (paramsOf(request))));

  app.post('/__emulator/seed', async (request) => {
    await emulator.loadSeed(/** @type {any} */ (paramsOf(request)));
    return {};
  });

  app.get('/__emulator/sites', () => ({ sites: emulator.sites }));
}
