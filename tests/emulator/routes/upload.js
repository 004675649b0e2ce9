/**
 * @typedef {import('../server.js').App} App
 * @typedef {import('../server.js').Request} Request
 */

/**
 * Registers routes of uploads, whose handlers read the body as a stream. TD takes any content type: td-client-node sends
 * `application/json` in chunks.
 * @param {App} app
 * @param {(scope: App) => void} routes
 */
export function registerUploads(app, routes) {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    routes(scope);
  });
}
