import type { SimulatedAction, SimulatedRow } from '@provident/contracts';

import type { ApiClient } from '../api-client.js';

export const rowsPageSize = 500;

/** The people of a simulation that are meant, page by page, as long as somebody asks for more. */
export async function* readRows(
  api: Pick<ApiClient, 'simulatedRows'>,
  asked: { readonly simulationId: string; readonly action?: SimulatedAction | undefined },
  isMeant: (row: SimulatedRow) => boolean,
  limit = rowsPageSize,
): AsyncGenerator<SimulatedRow> {
  for (let after: string | undefined; ; ) {
    const page = await api.simulatedRows({ ...asked, after, limit });
    yield* page.rows.filter(isMeant);
    if (page.next === null) return;
    after = page.next;
  }
}
