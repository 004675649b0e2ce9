// Style sheets are imported for Vite to collect.
declare module '*.css';
