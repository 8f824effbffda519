import type { ConnectionPageView } from '@provident/contracts';

import { typed } from '../places.js';
import { renderTable } from './table.js';
import { printable } from './text.js';

const columns = [{ title: 'OBJECT' }, { title: 'SOURCE ID' }, { title: 'LINKED TO' }] as const;

/** One line for each link. */
export function renderConnections(jobId: string, { connections, next }: ConnectionPageView, width: number): string {
  if (connections.length === 0) return 'No link was found.';
  const table = renderTable(
    columns,
    connections.map(({ displayName, objectType, sourceId, targetId }) => [
      printable(`${displayName ?? sourceId}${objectType === 'user' ? '' : ` (${objectType})`}`),
      printable(sourceId),
      targetId === null ? 'no account' : printable(targetId),
    ]),
    width,
  );
  const more = next === null ? [] : ['', `There is more: --cursor ${next}`];
  return [
    table,
    ...more,
    '',
    `Mend one: ${typed(`connections repair ${jobId} ID --to ACCOUNT`)}, or ${typed(`connections remove ${jobId} ID`)}`,
  ].join('\n');
}
