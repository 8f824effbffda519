import { type Server, type Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Told of every piece that comes back from the server; an answer of false cuts the connection there. */
  onAnswer: (bytes: number) => boolean;
  /** Ends all connections and takes no more. */
  refuse(): Promise<void>;
  /** Takes connections again, on the same port. */
  accept(): Promise<void>;
  close(): Promise<void>;
}

/** Stands between a service and a server, and can cut the line at any byte. */
export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const proxy: TcpProxy = { port: 0, onAnswer: () => true, refuse, accept: async () => void (await listen(proxy.port)), close: refuse };
  let server: Server | null = null;

  function join(client: Socket): void {
    const upstream = connect(serverPort, '127.0.0.1');
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => (proxy.onAnswer(chunk.length) ? client.write(chunk) : cut()));
  }

  async function listen(port: number): Promise<number> {
    server = createServer(join);
    await new Promise<void>((resolve, reject) => server!.once('error', reject).listen(port, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  async function refuse(): Promise<void> {
    if (!server) return;
    const closed = new Promise((resolve) => server!.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
    server = null;
  }

  return Object.assign(proxy, { port: await listen(0) });
}
