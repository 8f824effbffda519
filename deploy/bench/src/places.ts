import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the repository: this file is `deploy/bench/{src,dist}/places.js` in it. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
export const resultsFolder = join(repositoryRoot, 'deploy', 'bench', 'results');
export const serviceMain = (service: string): string => join(repositoryRoot, 'services', service, 'dist', 'service.mjs');
/** The bench's own programs, each a process of its own. */
export const programMain = (name: string): string => fileURLToPath(new URL(`./programs/${name}.js`, import.meta.url));
