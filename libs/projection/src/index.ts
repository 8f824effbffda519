export { defaultSchema, openAndMigrate, readModelDataSource, type ReadModelOptions } from '@provident/read-model';
export * from './compare-read-models.js';
export * from './indexes-aside.js';
export * from './log-item.js';
export * from './position.js';
export type { Projection } from './projection.js';
export type { Connection } from './sql/connection.js';
export * from './projector.js';
export * from './reset-read-models.js';
