import { expect, test } from '@jest/globals';
import { asArguments, initdbArguments, postgresSettings } from './settings.js';

test('a server that keeps data syncs it, a volatile one does not', () => {
  expect(postgresSettings({ port: 1, volatile: false })).toMatchObject({ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' });
  expect(postgresSettings({ port: 1, volatile: true })).toMatchObject({ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' });
});

test('it listens on the loopback address and on no socket file', () => {
  expect(asArguments(postgresSettings({ port: 20_001, volatile: false }))).toEqual(
    expect.arrayContaining(['listen_addresses=127.0.0.1', 'port=20001', 'unix_socket_directories=']),
  );
});

test.each([
  [[16, 3], '--locale=C.UTF-8'],
  [[18, 4], '--builtin-locale=C.UTF-8'],
])('a cluster of version %j is ordered by code point', (version, flag) => {
  expect(initdbArguments(version, false)).toEqual(expect.arrayContaining(['--encoding=UTF8', flag]));
});
