import { randomUUID } from 'node:crypto';

import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Monitor } from '@provident/service-kit';

import { isLoopback } from '../config.js';
import { clientRequestId, graphVersion } from '../graph/graph-request.js';
import { measureRequests } from '../metrics/http-metrics.js';

const bodyLimit = 1024 * 1024;

/**
 * The HTTP side of the API. JSON is the only content that is taken: a web page of another origin cannot send that without asking first,
 * and it is never answered. While the API is open to this machine alone, requests must be addressed to this machine too, so that no
 * name that somebody else points here reaches it.
 */
export function fastifyAdapter(host: string, monitor: Monitor): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit,
    genReqId: (request: { headers: Record<string, unknown> }) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
    },
    forceCloseConnections: true,
    // Graph's own documents write paths in either case.
    routerOptions: { caseSensitive: false, maxParamLength: 1_000 },
  });
  measureRequests(adapter, monitor);
  const fastify = adapter.getInstance();
  fastify.removeContentTypeParser('text/plain');
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    if (isLoopback(host) && !isLoopback(hostOf(request.headers.host))) {
      await reply
        .status(403)
        .send({ error: { code: 'wrong-host', message: 'this API is for this machine only: ask for 127.0.0.1 or localhost' } });
    }
  });
  fastify.addHook('onRequest', async (request, reply) => {
    if (graphVersion(request.url) === null) return;
    const clientId = clientRequestId(request);
    void reply.header('request-id', request.id).header('odata-version', '4.0');
    if (clientId !== null) void reply.header('client-request-id', clientId);
    // Actions come without a body and say nevertheless that it is JSON. A page of another origin must not be able to send one.
    if (request.headers['content-length'] === '0') delete request.headers['content-type'];
    if (request.method !== 'GET' && request.headers.origin !== undefined)
      await reply.status(403).send({ error: { code: 'Authorization_RequestDenied', message: 'web pages may not send this' } });
  });
  return adapter;
}

const hostOf = (header: string | undefined): string => (header ?? 'localhost').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
