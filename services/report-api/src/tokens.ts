export type { ReadModels } from '@provident/report';

/** What the Graph paths say of this installation. */
export interface GraphSettings {
  /** GUID of the tenant, the same in every entry. */
  readonly tenantId: string;
  /** Where the API is for those who ask; found from the request when it is not known. */
  readonly publicUrl?: string | undefined;
}

export const GRAPH_SETTINGS = Symbol('GraphSettings');
export const READ_MODELS = Symbol('ReadModels');
/** Folder from which relative paths of a job start when its sender names none. */
export const BASE_DIR = Symbol('BaseDir');
/** What simulations found. */
export const SIMULATIONS = Symbol('Simulations');
/** The built portal, or null. */
export const PORTAL = Symbol('Portal');
