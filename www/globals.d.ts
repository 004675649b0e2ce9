// Vite bundles imported style sheets.
declare module '*.css';

/** The version of petit: see vite.config.js. */
declare const __VERSION__: string;
