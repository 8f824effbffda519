export * from './open-data.js';
export * from './seal-event.js';
