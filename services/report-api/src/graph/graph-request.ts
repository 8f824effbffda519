import type { FastifyRequest } from 'fastify';

const version = /^\/(v1\.0|beta)(?=[/?]|$)/i;

/** Version of Graph that a request speaks; null when it speaks Provident's own API. */
export const graphVersion = (url: string): 'v1.0' | 'beta' | null => {
  const found = version.exec(url)?.[1]?.toLowerCase();
  return found === undefined ? null : found === 'beta' ? 'beta' : 'v1.0';
};

/** Where the API is for those who ask: as configured, as a proxy before it says, or as it was addressed. Without a slash at the end. */
export function publicBase(request: FastifyRequest, configured: string | undefined): string {
  if (configured !== undefined) return configured.replace(/\/$/, '');
  const { headers } = request;
  const scheme = first(headers['x-forwarded-proto']);
  const host = first(headers['x-forwarded-host']) ?? headers.host ?? 'localhost';
  const isPlain = /^[\w.:[\]-]+$/.test(host);
  return `${scheme === 'https' || scheme === 'http' ? scheme : request.protocol}://${isPlain ? host : 'localhost'}`;
}

const first = (header: string | string[] | undefined): string | undefined =>
  String(header ?? '')
    .split(',')[0]!
    .trim() || undefined;

/** The id that the client gave its request, if it is one that can be given back. */
export function clientRequestId({ headers }: FastifyRequest): string | null {
  const given = headers['client-request-id'];
  return typeof given === 'string' && /^[\w.:{}-]{1,128}$/.test(given) ? given : null;
}
