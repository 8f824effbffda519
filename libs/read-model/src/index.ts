export * from './entities/index.js';
export * from './read-model-data-source.js';
export { isoInstant } from './iso-instant.js';
