import { type SimulatedAction, type SimulatedRow, simulatedActions } from '@provident/contracts';

/** Rows that travel in one message. */
export interface RowChunk {
  readonly action: SimulatedAction;
  readonly rows: readonly SimulatedRow[];
}

const mostRows = 100;
/** Of JSON text; a message takes a mebibyte. */
const mostCharacters = 200_000;

/** Rows by action, in their order, in pieces that a message takes. Values that alone are too large are left out, and the row says so. */
export function chunkRows(rows: readonly SimulatedRow[]): RowChunk[] {
  return simulatedActions.flatMap((action) => {
    const chunks: SimulatedRow[][] = [];
    let room = 0;
    for (const row of rows.filter((each) => each.action === action).map(fitting)) {
      const size = JSON.stringify(row).length;
      if (size > room || chunks.at(-1)!.length >= mostRows) {
        chunks.push([]);
        room = mostCharacters;
      }
      chunks.at(-1)!.push(row);
      room -= size;
    }
    return chunks.map((chunk) => ({ action, rows: chunk }));
  });
}

function fitting(row: SimulatedRow): SimulatedRow {
  if (JSON.stringify(row).length <= mostCharacters) return row;
  const nothing = { changes: [], members: null };
  return { ...row, ...nothing, before: row.before && { ...row.before, ...nothing }, valuesLeftOut: true };
}
