/** Whether tests run in their exhaustive form, as `npm run test:full` asks for, rather than in a fast one. */
export const EXHAUSTIVE = process.env.PETIT_TEST === 'full';
