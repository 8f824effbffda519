import type { FastifyInstance, FastifyReply } from 'fastify';

const anHourS = 3_600;

/** Lets web pages of exactly these origins ask, and tells all others nothing. Browsers send no credentials of their own: a page has to hold a token. */
export function addCors(fastify: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('vary', 'origin');
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) return;
    void reply
      .header('access-control-allow-origin', origin)
      .header(
        'access-control-expose-headers',
        'x-provident-position, x-request-id, request-id, client-request-id, retry-after, etag, location, content-disposition',
      )
      .header('cross-origin-resource-policy', 'cross-origin');
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) await preflight(reply);
  });
}

/** Those of our own, and what Microsoft's client for Graph sends with each request. */
const allowedHeaders =
  'authorization, content-type, if-match, client-request-id, x-request-id, last-event-id, provident-reveal, sdkversion, retry-attempt, consistencylevel, prefer';

const preflight = (reply: FastifyReply): FastifyReply =>
  reply
    .status(204)
    .header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE')
    .header('access-control-allow-headers', allowedHeaders)
    .header('access-control-max-age', String(anHourS))
    .send();
