export { ImporterConfig } from './config.js';
export { JobImporter } from './job-importer.js';
export { demandSubject, linkSubject } from './on-demand/on-demand.controller.js';
export { importerEntities, importerMigrations } from './state/schema.js';
export type { Openers } from '@provident/connectors';
