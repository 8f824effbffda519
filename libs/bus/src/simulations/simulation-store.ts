import type { SimulatedAction, SimulatedRow, SimulationOpened, SimulationProgress } from '@provident/contracts';

/** Which rows of a simulation are asked for. */
export interface RowsAsked {
  readonly action?: SimulatedAction | undefined;
  /** Part of a name, of an id on either side or of the matching value, in any case. */
  readonly search?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface RowsPage {
  readonly rows: readonly SimulatedRow[];
  /** From where to go on; null at the end of what there is so far. */
  readonly next: string | null;
}

export interface StoredSimulation {
  readonly opened: SimulationOpened;
  readonly progress: SimulationProgress;
}

/**
 * What simulations have found, for a few days. It stands beside the log and not in it: a simulation is no fact of its job. The oldest go first when
 * room is short, each as a whole to its reader: without its beginning a simulation is not found any more.
 */
export interface SimulationStore {
  open(opened: SimulationOpened, progress: SimulationProgress): Promise<void>;
  tell(simulationId: string, progress: SimulationProgress): Promise<void>;
  addRows(simulationId: string, rows: readonly SimulatedRow[]): Promise<void>;
  find(simulationId: string): Promise<StoredSimulation | null>;
  /**
   * Rows in the order in which they were added, as far as they are meant. With `search` a page may hold fewer than `limit` though others follow: so
   * many rows are looked at for one page, and no more. @throws BadRowCursor
   */
  listRows(simulationId: string, asked: RowsAsked): Promise<RowsPage>;
}

/** The cursor is not one that the store gave out. */
export class BadRowCursor extends Error {
  override readonly name = 'BadRowCursor';
  constructor() {
    super('"after" is not a place that this API gave out');
  }
}

/** Whether a row is about somebody whom a search means. */
export function isSought(row: SimulatedRow, search: string | undefined): boolean {
  if (search === undefined) return true;
  const sought = search.toLowerCase();
  return [row.displayName, row.sourceId, row.targetId, row.match?.value].some((text) => text?.toLowerCase().includes(sought));
}

/** A place among the rows: the message, and how many rows of it are read. */
export interface RowPlace {
  readonly sequence: number;
  readonly taken: number;
}

export const printPlace = ({ sequence, taken }: RowPlace): string => `${sequence}.${taken}`;

/** @throws BadRowCursor */
export function parsePlace(text: string | undefined): RowPlace {
  if (text === undefined) return { sequence: 1, taken: 0 };
  const parts = /^([1-9]\d{0,14})\.(\d{1,4})$/.exec(text);
  if (!parts) throw new BadRowCursor();
  return { sequence: Number(parts[1]), taken: Number(parts[2]) };
}
