import { z } from 'zod';

import { ConnectorError, listingMoved } from '../connector-error.js';
import type { ScimList, ScimResource } from './answers.js';
import type { ScimApi } from './api.js';

/** What came so far: how many objects, and of the page before, the total that it told, its first and its last. Its last is asked for once more, unless it was its first too. */
const Position = z.object({ reached: z.int().min(1), total: z.int().nullable(), first: z.string(), last: z.string().nullable() });

export interface ListPage {
  readonly resources: readonly ScimResource[];
  readonly next: string | null;
}

/**
 * One page, from where the page before left off. Goes on by what was received, never by what was promised, and ends at an empty page
 * or at one that begins again, as servers without paging send it. Each page begins with the last object of the page before: when that stands elsewhere,
 * objects before it came or went, and others may have moved past unseen.
 * @throws ConnectorError `listing-moved` then, and `paging-repeats` when pages repeat although more is promised than came: a listing never ends early
 * without a word
 */
export async function listPage(
  api: ScimApi,
  endpoint: string,
  pageSize: number,
  from: string | null,
  signal: AbortSignal,
): Promise<ListPage> {
  const before = from === null ? null : readPosition(from);
  const start = before === null ? 1 : before.reached + (before.last === null ? 1 : 0);
  const list = await api.list(endpoint, `startIndex=${start}&count=${pageSize}`, signal);
  if (before === null) return list.resources.length > 0 ? pageOf(list, 0, list.resources, pageSize) : emptyList(list);
  const { reached, total, first, last } = before;
  const isRepeated = list.resources.some(({ id }) => id === first);
  if (isRepeated && list.totalResults !== total) throw moved(reached);
  if (isRepeated) return repeated(list, reached);
  if (last === null) return pageOf(list, reached, list.resources, pageSize);
  if (list.resources[0]?.id !== last) throw moved(reached);
  return pageOf(list, reached, list.resources.slice(1), pageSize);
}

function readPosition(from: string): z.infer<typeof Position> {
  try {
    return Position.parse(JSON.parse(from));
  } catch (cause) {
    throw new ConnectorError(
      { kind: 'misconfigured', code: 'bad-position', message: 'The position in the listing cannot be read.' },
      { cause },
    );
  }
}

/** @param fresh what the page before had not */
function pageOf(list: ScimList, before: number, fresh: readonly ScimResource[], pageSize: number): ListPage {
  const reached = before + fresh.length;
  const { resources } = list;
  if (resources.length === 0 || isLast(list, reached, pageSize)) return { resources: fresh, next: null };
  // A page that held the last of the page before alone is asked again, without it.
  const last = fresh.length > 0 && resources.length > 1 ? resources.at(-1)!.id : null;
  return { resources: fresh, next: JSON.stringify({ reached, total: list.totalResults, first: resources[0]!.id, last }) };
}

/** A total that equals the page's own size may be nothing but that; only then another page is asked for to be sure. */
function isLast({ totalResults, resources }: ScimList, reached: number, pageSize: number): boolean {
  if (totalResults === null || reached < totalResults) return false;
  return totalResults > resources.length || resources.length < pageSize;
}

function emptyList({ totalResults }: ScimList): ListPage {
  if (!totalResults) return { resources: [], next: null };
  throw new ConnectorError({
    kind: 'protocol',
    code: 'short-list',
    message: `The target promises ${totalResults} objects and its first page holds none.`,
  });
}

function repeated({ totalResults, resources }: ScimList, got: number): ListPage {
  if (totalResults === null || totalResults <= got || resources.length >= totalResults) return { resources: [], next: null };
  throw new ConnectorError({
    kind: 'protocol',
    code: 'paging-repeats',
    message: `The target sends the same page again: ${got} of ${totalResults} objects came.`,
  });
}

const moved = (got: number): ConnectorError =>
  new ConnectorError({
    kind: 'protocol',
    code: listingMoved,
    message: `The target's objects changed their places while they were listed, after ${got} of them: some may not have been seen.`,
  });

/** How many objects the target says it has; null when it does not say, or says no more than the size of the page. */
export async function countObjects(api: ScimApi, endpoint: string, signal: AbortSignal): Promise<number | null> {
  const one = await api.list(endpoint, 'startIndex=1&count=1', signal);
  if (one.totalResults !== 1 || one.resources.length !== 1) return one.totalResults;
  const two = await api.list(endpoint, 'startIndex=1&count=2', signal);
  return two.totalResults === 1 ? 1 : null;
}
