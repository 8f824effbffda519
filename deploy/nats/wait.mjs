/** Waits until the NATS server of NATS_URL greets with JetStream: its image has no shell for a health check of its own. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const { hostname, port } = new URL(process.env.NATS_URL);

function isReady() {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 4222), timeout: 2_000 });
    const done = (ready) => {
      socket.destroy();
      resolve(ready);
    };
    socket.on('data', (greeting) => done(/^INFO .*"jetstream":\s*true/.test(greeting.toString())));
    for (const event of ['error', 'timeout', 'close']) socket.on(event, () => done(false));
  });
}

for (const giveUpAt = Date.now() + 60_000; !(await isReady()); await sleep(200)) {
  if (Date.now() > giveUpAt) {
    process.stderr.write(`NATS at ${hostname} was not ready within 60 s.\n`);
    process.exit(1);
  }
}
