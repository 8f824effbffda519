export * from './story.js';
export * from './test-read-models.js';
