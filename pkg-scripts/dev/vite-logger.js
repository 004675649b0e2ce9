import { createLogger } from 'vite';

/** Vite's logger without one warning: workerpool imports Node's modules, but only uses them in Node. */
export const logger = createLogger('warn');
const { warn } = logger;
/** @type {typeof warn} */
logger.warn = (message, options) => {
  if (!message.includes('externalized for browser compatibility')) warn(message, options);
};
