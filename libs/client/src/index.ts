export * from './client.js';
export * from './errors.js';
export type { Answer, CallRoute, Request, StreamRoute } from './routes.js';
