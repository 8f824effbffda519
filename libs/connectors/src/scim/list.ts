import { z } from 'zod';

import { ConnectorError } from '../connector-error.js';
import type { ScimList, ScimResource } from './answers.js';
import type { ScimApi } from './api.js';

const Position = z.object({ start: z.int().min(1), first: z.string().nullable() });

export interface ListPage {
  readonly resources: readonly ScimResource[];
  readonly next: string | null;
}

/**
 * One page, from where the page before left off. Goes on by what was received, never by what was promised, and ends at an empty page
 * or at one that begins again, as servers without paging send it.
 * @throws ConnectorError `protocol` when pages repeat although more is promised than came: a listing never ends early without a word
 */
export async function listPage(
  api: ScimApi,
  endpoint: string,
  pageSize: number,
  from: string | null,
  signal: AbortSignal,
): Promise<ListPage> {
  const { start, first } = readPosition(from);
  const list = await api.list(endpoint, `startIndex=${start}&count=${pageSize}`, signal);
  const { resources } = list;
  if (resources.length === 0) return endOfList(list, start);
  if (first !== null && resources.some(({ id }) => id === first)) return repeated(list, start);
  const reached = start - 1 + resources.length;
  const next = isLast(list, reached, pageSize) ? null : JSON.stringify({ start: reached + 1, first: resources[0]!.id });
  return { resources, next };
}

function readPosition(from: string | null): z.infer<typeof Position> {
  if (from === null) return { start: 1, first: null };
  try {
    return Position.parse(JSON.parse(from));
  } catch (cause) {
    throw new ConnectorError(
      { kind: 'misconfigured', code: 'bad-position', message: 'The position in the listing cannot be read.' },
      { cause },
    );
  }
}

/** A total that equals the page's own size may be nothing but that; only then another page is asked for to be sure. */
function isLast({ totalResults, resources }: ScimList, reached: number, pageSize: number): boolean {
  if (totalResults === null || reached < totalResults) return false;
  return totalResults > resources.length || resources.length < pageSize;
}

function endOfList({ totalResults }: ScimList, start: number): ListPage {
  if (start > 1 || !totalResults) return { resources: [], next: null };
  throw new ConnectorError({
    kind: 'protocol',
    code: 'short-list',
    message: `The target promises ${totalResults} objects and its first page holds none.`,
  });
}

function repeated({ totalResults, resources }: ScimList, start: number): ListPage {
  const got = start - 1;
  if (totalResults === null || totalResults <= got || resources.length >= totalResults) return { resources: [], next: null };
  throw new ConnectorError({
    kind: 'protocol',
    code: 'paging-repeats',
    message: `The target sends the same page again: ${got} of ${totalResults} objects came.`,
  });
}

/** How many objects the target says it has; null when it does not say, or says no more than the size of the page. */
export async function countObjects(api: ScimApi, endpoint: string, signal: AbortSignal): Promise<number | null> {
  const one = await api.list(endpoint, 'startIndex=1&count=1', signal);
  if (one.totalResults !== 1 || one.resources.length !== 1) return one.totalResults;
  const two = await api.list(endpoint, 'startIndex=1&count=2', signal);
  return two.totalResults === 1 ? 1 : null;
}
