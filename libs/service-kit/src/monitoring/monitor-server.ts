import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';

import { ConfigUnusable } from '../config.js';
import type { Monitor } from './monitor.js';

export interface MonitorAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Serves `/metrics`, `/health/live` and `/health/ready`, and nothing else.
 * @throws ConfigUnusable when the address cannot be listened on
 */
export async function serveMonitor(monitor: Monitor, { host, port }: MonitorAddress): Promise<Server> {
  monitor.watchProcess();
  const server = createServer((request, response) => {
    answer(monitor, request, response).catch((error: unknown) => send(response, 500, `${String(error)}\n`));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new ConfigUnusable(`METRICS_PORT: ${host}:${port} cannot be listened on: ${cause.message}`, { cause })),
    );
    server.listen(port, host, resolve);
  });
  server.unref();
  return server;
}

async function answer(monitor: Monitor, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET\n');
  switch ((request.url ?? '/').replace(/\?.*$/, '')) {
    case '/metrics':
      return send(response, 200, await monitor.registry.metrics(), monitor.registry.contentType);
    case '/health/live':
      return sendJson(response, 200, { status: 'ok' });
    case '/health/ready': {
      const troubles = await monitor.troubles();
      if (troubles.length > 0) return sendJson(response, 503, { status: 'not-ready', troubles });
      const notes = await monitor.notes();
      return sendJson(response, 200, { status: 'ok', ...(notes.length > 0 && { notes }) });
    }
    default:
      return send(response, 404, 'there is /metrics, /health/live and /health/ready\n');
  }
}

const sendJson = (response: ServerResponse, status: number, body: object): void =>
  send(response, status, `${JSON.stringify(body)}\n`, 'application/json; charset=utf-8');

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).end(body);
}
