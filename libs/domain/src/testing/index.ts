export * from './builders.js';
export * from './arbitraries.js';
export * from './job-story.js';
export * from './expressions.js';
