/**
 * Loaded by `node --import` before a service: what listens in another container answers at an address of this one.
 * RELAY is `<address here>=<address there>`, such as `127.0.0.1:8731=sample-target:8732`; without it nothing happens.
 */
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

if (process.env.RELAY) {
  const [here, there] = process.env.RELAY.split('=').map((address) => {
    const [, host, port] = /^(.+):(\d+)$/.exec(address) ?? [];
    if (!host) throw new Error(`RELAY is ${process.env.RELAY}; it has to look like 127.0.0.1:8731=sample-target:8732.`);
    return { host, port: Number(port) };
  });
  const server = createServer((near) => {
    const far = connect(there);
    pipeline(near, far, near, () => undefined); // what breaks one side closes the other
  });
  server.listen(here).unref();
}
