export * from './define-event.js';
export * from './event-shape.js';
export * from './subjects.js';
export * from './events/index.js';
export * from './log-event.js';
export * from './brief.js';
export * from './commands.js';
export * from './http/views.js';
