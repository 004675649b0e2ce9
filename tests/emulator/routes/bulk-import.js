import { createReadStream } from 'node:fs';
import { allow } from '../accounts.js';
import { showSession } from '../bulk-import.js';
import { ApiError } from '../errors.js';
import { callerOf, integer, paramsOf, pathOf, text } from '../parameters.js';
import { registerUploads } from './upload.js';

/**
 * Routes of bulk import.
 * @typedef {import('../server.js').Request} Request
 * @param {import('../server.js').App} app
 */
export function bulkImportRoutes(app) {
  app.post('/v3/bulk_import/create/:name/:database/:table', async (request) => {
    const { account, key } = callerOf(request);
    const { name = '', database = '', table = '' } = pathOf(request);
    account.catalog.database(database);
    allow(key, 'import', database);
    await account.imports.create(name, database, table);
    return nameOf(name);
  });

  registerUploads(app, (scope) => {
    scope.put('/v3/bulk_import/upload_part/:name/:part', async (request) => {
      const { imports, name } = openSession(request);
      await imports.upload(name, pathOf(request).part ?? '', request);
      return nameOf(name);
    });
  });

  app.post('/v3/bulk_import/delete_part/:name/:part', async (request) => {
    const { imports, name } = openSession(request);
    await imports.deletePart(name, pathOf(request).part ?? '');
    return nameOf(name);
  });

  app.get('/v3/bulk_import/list_parts/:name', (request) => {
    const { session, name } = openSession(request);
    return { parts: [...session.parts.keys()].sort(), ...nameOf(name) };
  });

  app.post('/v3/bulk_import/freeze/:name', (request) => {
    const { imports, name } = openSession(request);
    imports.setFrozen(name, true);
    return nameOf(name);
  });

  app.post('/v3/bulk_import/unfreeze/:name', (request) => {
    const { imports, name } = openSession(request);
    imports.setFrozen(name, false);
    return nameOf(name);
  });

  app.post('/v3/bulk_import/perform/:name', (request) => {
    const { account, imports, name } = openSession(request);
    const params = paramsOf(request);
    if (text(params.pool_name)) throw new ApiError(400, `Resource pool ${params.pool_name} is not available`);
    const session = imports.startPerform(name);
    const job = account.jobs.start(
      {
        type: 'bulk_import_perform',
        database: session.database,
        query: `LOAD DATA SESSION '${name}' INTO TABLE ${session.database}.${session.tableName}`,
        priority: integer(params.priority) ?? 0,
        userName: account.user.name,
      },
      (signal) => imports.perform(session, signal),
    );
    session.jobId = job.id;
    // A client may commit as soon as it sees the end of the job.
    job.ended.then(() => {
      session.status = job.status === 'success' ? 'ready' : 'uploading';
    });
    return { ...nameOf(name), job_id: Number(job.id) };
  });

  app.post('/v3/bulk_import/commit/:name', (request) => {
    const { imports, name } = openSession(request);
    imports.commit(name);
    return nameOf(name);
  });

  app.post('/v3/bulk_import/delete/:name', async (request) => {
    const { imports, name } = openSession(request);
    await imports.delete(name);
    return nameOf(name);
  });

  app.get('/v3/bulk_import/show/:name', (request) => showSession(openSession(request).session));

  app.get('/v3/bulk_import/list', (request) => {
    const { account, key } = callerOf(request);
    const sessions = [...account.imports.sessions.values()];
    allow(key, 'import');
    return { bulk_imports: sessions.map(showSession) };
  });

  app.get('/v3/bulk_import/error_records/:name', (request, reply) => {
    const { imports, session } = openSession(request);
    const file = imports.errorRecordsFile(session);
    reply.type('application/x-gzip');
    return file ? reply.send(createReadStream(file)) : reply.send(Buffer.alloc(0));
  });
}

/** @param {string} name */
const nameOf = (name) => ({ name, bulk_import: name });

/** @param {Request} request */
function openSession(request) {
  const { account, key } = callerOf(request);
  const { name = '' } = pathOf(request);
  const session = account.imports.get(name);
  allow(key, 'import', session.database);
  return { account, imports: account.imports, session, name };
}
