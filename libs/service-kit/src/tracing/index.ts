export { Tracer, type TracedRequest } from './tracer.js';
