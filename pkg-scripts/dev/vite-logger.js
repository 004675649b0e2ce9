import { createLogger } from 'vite';

/** Vite's logger, but for one thing: workerpool asks for Node's modules where there is Node, and Vite tells of it. */
export const logger = createLogger('warn');
const { warn } = logger;
/** @type {typeof warn} */
logger.warn = (message, options) => {
  if (!message.includes('externalized for browser compatibility')) warn(message, options);
};
