import { allow } from '../accounts.js';
import { callerOf, flag, integer, paramsOf, pathOf, text } from '../parameters.js';
import { WorkflowError } from '../workflows.js';

/**
 * Routes of the workflow service, under `/api`.
 * @typedef {import('../server.js').Request} Request
 */

const PAGE_SIZE = 100;

/** @param {import('../server.js').App} app */
export function workflowRoutes(app) {
  app.put('/api/attempts', (request, reply) => {
    const workflows = workflowsOf(request);
    const { workflowId, projectName, workflowName, sessionTime, params, retryAttemptName } =
      paramsOf(request);
    if (workflowId !== undefined && typeof workflowId !== 'string')
      throw new WorkflowError(400, 'workflowId is not a string');
    if (typeof sessionTime !== 'string') throw new WorkflowError(400, 'sessionTime is missing');
    if (typeof params !== 'object') throw new WorkflowError(400, 'params is missing');
    const workflow =
      workflowId === undefined
        ? workflows.findByName(String(projectName), String(workflowName))
        : workflows.workflow(workflowId);
    const { attempt, isNew } = workflows.start(workflow, {
      ...{ sessionTime, params },
      retryAttemptName: text(retryAttemptName),
    });
    return reply.code(isNew ? 200 : 409).send(workflows.show(attempt));
  });

  app.get('/api/attempts', (request) => {
    const workflows = workflowsOf(request);
    const { project, workflow, include_retried, last_id, page_size } = paramsOf(request);
    const size = Math.min(integer(page_size) ?? PAGE_SIZE, PAGE_SIZE);
    const before = integer(last_id) ?? Number.POSITIVE_INFINITY;
    const found = workflows
      .attempts()
      .filter((attempt) => project === undefined || attempt.workflow.project.name === project)
      .filter((attempt) => workflow === undefined || attempt.workflow.name === workflow)
      .filter((attempt) => flag(include_retried) || attempt.retryAttemptName === null)
      .filter((attempt) => Number(attempt.id) < before);
    return { attempts: found.slice(0, size).map((attempt) => workflows.show(attempt)) };
  });

  app.get('/api/attempts/:id', (request) => {
    const { workflows, attempt } = attemptOf(request);
    return workflows.show(attempt);
  });

  app.get('/api/attempts/:id/tasks', (request) => {
    const { workflows, attempt } = attemptOf(request);
    const { done, success, workflow, status } = workflows.show(attempt);
    const state = done ? (success ? 'success' : 'error') : 'running';
    return { tasks: [{ id: `${attempt.id}1`, fullName: `+${workflow.name}`, state, status }] };
  });

  app.get('/api/attempts/:id/retries', (request) => {
    const { workflows, attempt } = attemptOf(request);
    const all = workflows.attempts().filter(({ sessionId }) => sessionId === attempt.sessionId);
    return { attempts: all.map((retry) => workflows.show(retry)) };
  });

  app.post('/api/attempts/:id/kill', (request, reply) => {
    const { workflows, attempt } = attemptOf(request);
    workflows.kill(attempt);
    return reply.code(204).send();
  });

  app.get('/api/workflows', (request) => {
    const { count, last_id } = paramsOf(request);
    const after = Number(last_id ?? 0);
    const found = workflowsOf(request)
      .list()
      .filter((workflow) => Number(workflow.id) > after);
    return { workflows: found.slice(0, integer(count) ?? PAGE_SIZE).map(toJson) };
  });

  app.get('/api/workflows/:id', (request) => toJson(workflowsOf(request).workflow(pathOf(request).id ?? '')));

  app.get('/api/projects', (request) => {
    const projects = workflowsOf(request)
      .list()
      .map(({ project }) => project);
    return { projects: [...new Map(projects.map((project) => [project.name, project])).values()] };
  });

  app.get('/api/logs/:id/files', (request) => {
    attemptOf(request);
    return { files: [] };
  });
}

/** @param {Request} request */
function workflowsOf(request) {
  const { account, key } = callerOf(request);
  allow(key, 'query');
  return account.workflows;
}

/** @param {Request} request */
function attemptOf(request) {
  const workflows = workflowsOf(request);
  return { workflows, attempt: workflows.attempt(pathOf(request).id ?? '') };
}

/** @param {import('../workflows.js').Workflow} workflow */
const toJson = ({ id, name, project }) => ({ id, name, project, timezone: 'UTC', config: {} });
