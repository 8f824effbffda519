import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the repository: this file is `services/cli/{src,dist}/places.js` in it. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
export const sampleJobFile = join(repositoryRoot, 'deploy', 'examples', 'sample-job.yaml');
/** Where this program starts. */
export const mainFile = join(repositoryRoot, 'services', 'cli', 'dist', 'main.js');

export const defaultPort = 8730;
/** Port of the sample target; the sample job names it. */
export const sampleTargetPort = 8731;

export const dataFolderIn = (folder: string): string => join(folder, '.provident');
/** Where the data folder of a running Provident is looked for. */
export const likelyDataFolders = (cwd: string): string[] => [...new Set([dataFolderIn(resolve(cwd)), dataFolderIn(repositoryRoot)])];

/** How a command is typed in the repository: what hints show. */
export const typed = (words: string): string => `npm run provident -- ${words}`;
