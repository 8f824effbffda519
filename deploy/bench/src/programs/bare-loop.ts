/**
 * The bare loop, in a process of its own: for every user one look-up and one creation, with the client library and settings of the SCIM connector,
 * as many users at once as the target takes requests, and nothing else. Begins when told to.
 * Arguments: address of the target, users, concurrency.
 */
import { once } from 'node:events';

import { Pool } from 'undici';

import { accountsOf } from '../load/job.js';
import { makePeople } from '../load/people.js';

const [address = '', users = '0', concurrency = '8'] = process.argv.slice(2);
const { origin, pathname } = new URL(address);
const pool = new Pool(origin, { connections: Number(concurrency), pipelining: 1, allowH2: false, headersTimeout: 0, bodyTimeout: 0 });
const accounts = accountsOf(makePeople(Number(users)));
const accept = 'application/scim+json, application/json';

let next = 0;
async function work(): Promise<void> {
  for (let account = accounts[next++]; account; account = accounts[next++]) {
    const filter = encodeURIComponent(`userName eq ${JSON.stringify(account.userName)}`);
    const found = await request('GET', `/Users?filter=${filter}`, null);
    if (found['totalResults'] !== 0) throw new Error(`the target has ${account.userName} already`);
    const created = await request('POST', '/Users', JSON.stringify(account));
    if (typeof created['id'] !== 'string') throw new Error(`the target did not create ${account.userName}`);
  }
}

async function request(method: 'GET' | 'POST', path: string, body: string | null): Promise<Record<string, unknown>> {
  const headers = body === null ? { accept } : { accept, 'content-type': 'application/scim+json' };
  const answer = await pool.request({ method, path: pathname + path, headers, body });
  return JSON.parse(await answer.body.text()) as Record<string, unknown>;
}

process.once('disconnect', () => process.exit(0));
process.send?.('ready');
await once(process, 'message');
const begin = performance.now();
await Promise.all(Array.from({ length: Number(concurrency) }, work));
process.send?.({ seconds: (performance.now() - begin) / 1000 });
