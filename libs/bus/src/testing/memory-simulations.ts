import type { SimulatedRow, SimulationOpened, SimulationProgress } from '@provident/contracts';

import {
  type RowsAsked,
  type RowsPage,
  type SimulationStore,
  type StoredSimulation,
  isSought,
  parsePlace,
  printPlace,
} from '../simulations/simulation-store.js';

/** The store of simulations in memory; keeps everything, one row to a message. */
export class MemorySimulations implements SimulationStore {
  private readonly opened = new Map<string, SimulationOpened>();
  /** What was told of each simulation, oldest first. */
  readonly told = new Map<string, SimulationProgress[]>();
  private readonly rows: { readonly simulationId: string; readonly row: SimulatedRow }[] = [];

  async open(opened: SimulationOpened, progress: SimulationProgress): Promise<void> {
    this.opened.set(opened.simulationId, opened);
    await this.tell(opened.simulationId, progress);
  }

  async tell(simulationId: string, progress: SimulationProgress): Promise<void> {
    this.told.set(simulationId, [...(this.told.get(simulationId) ?? []), progress]);
  }

  async addRows(simulationId: string, rows: readonly SimulatedRow[]): Promise<void> {
    this.rows.push(...rows.map((row) => ({ simulationId, row })));
  }

  async find(simulationId: string): Promise<StoredSimulation | null> {
    const opened = this.opened.get(simulationId);
    const progress = this.told.get(simulationId)?.at(-1);
    return opened && progress ? { opened, progress } : null;
  }

  async listRows(simulationId: string, { action, search, after, limit }: RowsAsked): Promise<RowsPage> {
    const { sequence } = parsePlace(after);
    const fitting = this.rows
      .map((each, index) => ({ ...each, sequence: index + 1 }))
      .filter((each) => each.sequence >= sequence && each.simulationId === simulationId && (action ?? each.row.action) === each.row.action)
      .filter(({ row }) => isSought(row, search))
      .slice(0, limit);
    const last = fitting.at(-1);
    return {
      rows: fitting.map(({ row }) => row),
      next: fitting.length === limit && last ? printPlace({ sequence: last.sequence + 1, taken: 0 }) : null,
    };
  }
}
