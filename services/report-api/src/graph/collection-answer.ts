import { type Page, selected } from '@provident/report';
import type { FastifyRequest } from 'fastify';

import { graphVersion, publicBase } from './graph-request.js';

export const graphContentType = 'application/json; odata.metadata=minimal; charset=utf-8';

/** A page as Graph shows it. The link to the next repeats every option of this one. */
export function collectionAnswer<Item extends object>(
  request: FastifyRequest,
  configuredBase: string | undefined,
  path: string,
  { items, count, select, next }: Page<Item>,
): object {
  const base = `${publicBase(request, configuredBase)}/${graphVersion(request.url) ?? 'v1.0'}`;
  const suffix = select === null ? '' : `(${select.join(',')})`;
  return {
    '@odata.context': `${base}/$metadata#${path}${suffix}`,
    ...(count !== null && { '@odata.count': count }),
    ...(next !== null && { '@odata.nextLink': `${base}/${path}?${optionsWith(request, next)}` }),
    value: items.map((item) => selected(item, select)),
  };
}

/** Names stay as they are; values are encoded so that no `&`, `#` or `+` in them ends them. */
function optionsWith(request: FastifyRequest, token: string): string {
  const options = Object.entries(request.query as Record<string, string>).filter(([name]) => !/^\$?skiptoken$/i.test(name));
  return [...options, ['$skiptoken', token] as const].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
}
