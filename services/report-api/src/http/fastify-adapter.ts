import { randomUUID } from 'node:crypto';

import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Monitor } from '@provident/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { isLoopback } from '../access/settings.js';
import { clientRequestId, graphVersion } from '../graph/graph-request.js';
import { measureRequests } from '../metrics/http-metrics.js';
import { addCors } from './cors.js';
import { BadRequest } from './bad-request.js';
import { errorAnswer } from './error-answer.js';
import { shapeFor } from './error.filter.js';
import { answerUnreadable } from './unreadable-requests.js';

const bodyLimit = 1024 * 1024;
/** Who takes longer to send a request has no request. */
const defaultRequestTimeoutMs = 60_000;
const aYearS = 31_536_000;

export interface HttpSettings {
  /** Address it listens on. */
  readonly host: string;
  /** Certificate and key; null where a proxy before the API speaks TLS, or nobody. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  /** Origins whose web pages may ask. */
  readonly corsOrigins: readonly string[];
  /** Proxies whose word on the address of a caller is believed. */
  readonly trustedProxies: readonly string[];
  readonly monitor: Monitor;
  /** How long a request may take to come. */
  readonly requestTimeoutMs?: number;
}

/**
 * The HTTP side of the API. JSON is the only content that is taken: a web page of another origin cannot send that without asking first,
 * and it is never answered. While the API is open to this machine alone, requests must be addressed to this machine too, so that no
 * name that somebody else points here reaches it.
 */
export function fastifyAdapter(settings: HttpSettings): FastifyAdapter {
  const { host, tls, corsOrigins, trustedProxies, monitor, requestTimeoutMs = defaultRequestTimeoutMs } = settings;
  const headers = { ...securityHeaders, ...(tls && { 'strict-transport-security': `max-age=${aYearS}` }) };
  // A request without a host is answered below, in our own words.
  const server = { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: requestTimeoutMs / 4, requireHostHeader: false };
  const adapter = new FastifyAdapter({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    ...(tls ? { https: { ...tls, ...server, minVersion: 'TLSv1.2' } } : { http: server }),
    ...(trustedProxies.length > 0 && { trustProxy: [...trustedProxies] }),
    genReqId: (request: { headers: Record<string, unknown> }) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
    },
    forceCloseConnections: true,
    // An address that is none.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      const { status, body } = shapeFor(request, errorAnswer(error));
      void reply
        .headers({ ...headers, 'x-request-id': request.id })
        .status(status)
        .send(body);
    },
    // Graph's own documents write paths in either case.
    routerOptions: { caseSensitive: false, maxParamLength: 1_000 },
  });
  measureRequests(adapter, monitor);
  const fastify = adapter.getInstance();
  answerUnreadable(fastify.server, headers);
  fastify.removeContentTypeParser('text/plain');
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.headers({ ...headers, 'x-request-id': request.id });
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') throw new BadRequest('the request names no host');
    if (isLoopback(host) && !isLoopback(hostOf(request.headers.host))) {
      const message = 'this API is for this machine only: ask for 127.0.0.1 or localhost';
      const { status, body } = shapeFor(request, { status: 403, body: { error: { code: 'wrong-host', message } } });
      await reply.status(status).send(body);
    }
  });
  addCors(fastify, corsOrigins);
  fastify.addHook('onRequest', async (request, reply) => {
    if (graphVersion(request.url) === null) return;
    const clientId = clientRequestId(request);
    void reply.header('request-id', request.id).header('odata-version', '4.0');
    if (clientId !== null) void reply.header('client-request-id', clientId);
    // Actions come without a body and say nevertheless that it is JSON. A page of another origin must not be able to send one.
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
    if (length === '0' && encoding === undefined) delete request.headers['content-type'];
    const { origin } = request.headers;
    if (request.method !== 'GET' && origin !== undefined && !corsOrigins.includes(origin)) {
      const { status, body } = shapeFor(request, {
        status: 403,
        body: { error: { code: 'not-allowed', message: 'web pages may not send this' } },
      });
      await reply.status(status).send(body);
    }
  });
  return adapter;
}

/** Answers are data: nothing in them is ever run, framed or kept. The portal's pages say more of themselves. */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const hostOf = (header: string | undefined): string => (header ?? 'localhost').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
