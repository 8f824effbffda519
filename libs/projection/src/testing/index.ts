export { Projector, removeOld, resetReadModels } from '../index.js';
export * from './explain.js';
export * from './story.js';
export * from './test-read-models.js';
