import type { SecretView } from '@provident/contracts';

import { formatInstant } from './format.js';
import { renderTable } from './table.js';
import { printable } from './text.js';

/** One line per secret. */
export function renderSecrets(secrets: readonly SecretView[], width: number, timeZone?: string): string {
  const columns = [{ title: 'SECRET' }, { title: 'SET' }, { title: 'BY' }, { title: 'USED BY' }] as const;
  return renderTable(
    columns,
    secrets.map(({ name, setAt, setBy, usedBy, usedByStreams }) => [
      printable(name),
      setAt === null ? 'MISSING' : formatInstant(setAt, timeZone),
      printable(setBy ?? '–'),
      [...new Set(usedBy.map(({ jobId }) => jobId)), ...(usedByStreams ?? []).map((id) => `stream ${id}`)].join(', ') || '–',
    ]),
    width,
  );
}
