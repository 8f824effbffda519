export type { ReadModels } from '@provident/report';

export const READ_MODELS = Symbol('ReadModels');
/** Folder from which relative paths of a job start when its sender names none. */
export const BASE_DIR = Symbol('BaseDir');
/** What simulations found. */
export const SIMULATIONS = Symbol('Simulations');
