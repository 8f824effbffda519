import { apiPaths, SimulatedRowsView } from '@provident/contracts/http';

import { at, getJson, withQuery } from './request.js';

export interface RowsAsked {
  readonly action?: string | undefined;
  /** Part of a name, an id or the matching value. */
  readonly search?: string | undefined;
}

/** A page of what would become of people. With a search it may be short, or empty, and still have a next one. */
export const listSimulatedRows = (
  simulationId: string,
  asked: RowsAsked & { limit: number; after?: string | undefined },
  signal?: AbortSignal,
) => getJson(SimulatedRowsView, at(apiPaths.simulatedRows, { simulationId }), { ...asked }, signal);

/** Where the same is to be had as CSV, of everybody. */
export const simulatedCsvPath = (simulationId: string, asked: RowsAsked): string =>
  withQuery(at(apiPaths.simulatedCsv, { simulationId }), { ...asked });
