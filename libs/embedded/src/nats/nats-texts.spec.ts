import { expect, test } from '@jest/globals';
import { suitesToTry } from './debian-archive.js';
import { mirrorsInSources } from './debian-sources.js';
import { natsConfig } from './nats-config.js';
import { parseNatsInfo } from './nats-info.js';

test('an embedded server syncs before it acknowledges, and listens where it is told', () => {
  const config = natsConfig({ serverName: 'provident-1', host: '127.0.0.1', port: 20_123, storeDir: '/data "x"/nats' });
  expect(config).toContain('sync_interval: always');
  expect(config).toContain('host: "127.0.0.1"\nport: 20123');
  expect(config).toContain('store_dir: "/data \\"x\\"/nats"');
  expect(config).toContain('max_payload: 8MB');
});

test('a greeting tells who answers', () => {
  expect(parseNatsInfo('INFO {"server_name":"provident-1","version":"2.15.1","jetstream":true} \r\n')).toMatchObject({
    server_name: 'provident-1',
  });
  expect(parseNatsInfo('220 mail ready\r\n')).toBeUndefined();
  expect(parseNatsInfo('INFO {broken} \r\n')).toBeUndefined();
});

test.each([
  ['ID=debian\nVERSION_CODENAME=bookworm\n', ['bookworm', 'forky', 'sid']],
  ['ID=debian\nVERSION_CODENAME=forky\n', ['forky', 'sid']],
  ['ID=ubuntu\nVERSION_CODENAME=noble\n', ['forky', 'sid']],
  ['', ['forky', 'sid']],
])('%j: the suites tried are %j', (osRelease, suites) => {
  expect(suitesToTry(osRelease)).toEqual(suites);
});

test('archives are read from both kinds of sources, security updates left out', () => {
  const oneLine = '# deb http://old.example/debian x main\ndeb [arch=amd64 signed-by=/k.gpg] http://a.example/debian bookworm main\n';
  const deb822 =
    'Types: deb\nURIs: https://b.example/debian/\nSuites: bookworm\n\nTypes: deb\nURIs: http://b.example/debian-security\nSuites: x\n';
  expect(mirrorsInSources([oneLine, deb822])).toEqual(['http://a.example/debian', 'https://b.example/debian/']);
});
