export { ImporterConfig } from './config.js';
export { JobImporter } from './job-importer.js';
export { importerEntities, importerMigrations } from './state/schema.js';
export type { Openers } from '@provident/connectors';
