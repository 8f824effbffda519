import type { TokenView } from '@provident/contracts';

import { formatInstant } from './format.js';
import { renderTable } from './table.js';
import { printable } from './text.js';

/** One line per token. */
export function renderTokens(tokens: readonly TokenView[], width: number, timeZone?: string): string {
  const columns = [
    { title: 'TOKEN' },
    { title: 'STATE' },
    { title: 'MAY' },
    { title: 'EXPIRES' },
    { title: 'LAST USED' },
    { title: 'MADE BY' },
  ];
  return renderTable(
    columns,
    tokens.map((token) => [
      printable(token.name),
      token.state,
      token.grants.map(({ role, jobs }) => (jobs === null ? role : `${role} (${jobs.join(', ')})`)).join('; '),
      token.expiresAt === null ? 'never' : formatInstant(token.expiresAt, timeZone),
      formatInstant(token.lastUsedAt, timeZone),
      printable(token.createdBy.name),
    ]),
    width,
  );
}
