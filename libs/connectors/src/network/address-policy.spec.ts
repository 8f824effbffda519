import { describe, expect, test } from '@jest/globals';

import { ConnectorError } from '../connector-error.js';
import { networkPolicy } from './address-policy.js';
import { assertAllowed, guardedLookup, hostOf } from './guarded-lookup.js';

const strict = networkPolicy('');
const local = networkPolicy('local');

/** Whether an address written out in a URL may be connected to: by nobody's leave, and where one's own network is allowed. */
const verdict = (url: string) =>
  [strict, local].map((policy) => {
    try {
      assertAllowed(url, policy);
      return 'allowed';
    } catch (error) {
      return error instanceof ConnectorError ? error.facts.code : String(error);
    }
  });
const refused = 'address-refused';
const [open, own, never] = [
  ['allowed', 'allowed'],
  [refused, 'allowed'],
  [refused, refused],
];

test.each<[string, string[]]>([
  // public
  ['https://93.184.216.34/scim', open],
  ['https://8.8.8.8:8443/', open],
  ['https://[2606:4700:4700::1111]/', open],
  ['https://172.15.255.255/', open],
  ['https://172.32.0.1/', open],
  ['https://100.63.255.255/', open],
  ['https://100.128.0.1/', open],
  ['https://[64:ff9b::808:808]/', open],
  ['https://[2002:808:808::1]/', open],
  ['ldaps://93.184.216.34:636', open],
  // loopback, however it is written
  ['http://127.0.0.1/', own],
  ['http://127.0.0.1:8730/', own],
  ['http://127.255.255.254/', own],
  ['http://127.1/', own],
  ['http://127.0.1/', own],
  ['http://2130706433/', own],
  ['http://0x7f000001/', own],
  ['http://0x7f.1/', own],
  ['http://0x7F.0x0.0x0.0x1/', own],
  ['http://0177.0.0.1/', own],
  ['http://017700000001/', own],
  ['http://127.0.0.1./', own],
  ['http://１２７.０.０.１/', own],
  ['http://127。0。0。1/', own],
  ['http://①②⑦.0.0.1/', own],
  ['http://%31%32%37.0.0.1/', own],
  ['http://[::1]/', own],
  ['http://[0:0:0:0:0:0:0:1]/', own],
  ['http://[::ffff:127.0.0.1]/', own],
  ['http://[::ffff:7f00:1]/', own],
  ['http://[::127.0.0.1]/', own],
  ['http://[::ffff:0:127.0.0.1]/', own],
  ['http://[64:ff9b::7f00:1]/', own],
  ['http://[64:ff9b:1::127.0.0.1]/', own],
  ['http://[2002:7f00:1::]/', own],
  ['http://[2001:0:7f00:1:0:0:f7f7:f7f7]/', own],
  ['http://[2001:0:808:808::80ff:fffe]/', own],
  ['http://[2001:470::5efe:127.0.0.1]/', own],
  ['ldap://127.1:389', own],
  ['ldap://2130706433', own],
  ['LDAP://[::ffff:127.0.0.1]:389', own],
  ['http://someone:secret@127.0.0.1/', own],
  ['http://example.com@127.0.0.1/', own],
  ['http://93.184.216.34@127.0.0.1/', own],
  // private
  ['http://10.0.0.1/', own],
  ['http://10.255.255.255/', own],
  ['http://172.16.0.1/', own],
  ['http://172.31.255.255/', own],
  ['http://192.168.1.1/', own],
  ['http://3232235777/', own],
  ['http://100.64.0.1/', own],
  ['http://100.127.255.255/', own],
  ['http://[fc00::1]/', own],
  ['http://[fd12:3456::1]/', own],
  ['http://[2002:a00:1::]/', own],
  // never
  ['http://169.254.169.254/latest/meta-data/', never],
  ['http://2852039166/', never],
  ['http://0xa9fea9fe/', never],
  ['http://0251.0376.0251.0376/', never],
  ['http://169.254.43518/', never],
  ['http://169.254.169.254./', never],
  ['http://[::ffff:169.254.169.254]/', never],
  ['http://[::ffff:a9fe:a9fe]/', never],
  ['http://[64:ff9b::a9fe:a9fe]/', never],
  ['http://[2002:a9fe:a9fe::]/', never],
  ['http://[fd00:ec2::254]/', never],
  ['http://[fd20:ce::254]/', never],
  ['http://100.100.100.200/', never],
  ['http://168.63.129.16/', never],
  ['http://192.0.0.192/', never],
  ['http://169.254.0.1/', never],
  ['http://[fe80::1]/', never],
  ['http://0.0.0.0/', never],
  ['http://0/', never],
  ['http://0.1.2.3/', never],
  ['http://[::]/', never],
  ['http://224.0.0.1/', never],
  ['http://239.255.255.250/', never],
  ['http://255.255.255.255/', never],
  ['http://[ff02::1]/', never],
  ['http://240.0.0.1/', never],
  ['http://192.0.2.1/', never],
  ['http://198.18.0.1/', never],
  ['http://[2001:db8::1]/', never],
  ['http://[fec0::1]/', never],
])('%s', (url, expected) => {
  expect(verdict(url)).toEqual(expected);
});

test.each([
  ['http://'],
  ['127.0.0.1'],
  ['http://[::1'],
  ['http://1.2.3.4.5.6:x/'],
  ['//127.0.0.1'],
  ['http://256.1.1.1/'],
  ['http://exa mple/'],
])('%p names no host', (url) => {
  expect(() => hostOf(url)).toThrow(ConnectorError);
});

describe('a configuration', () => {
  test('allows the networks that it names and no others', () => {
    const policy = networkPolicy('10.1.0.0/16, fd12:3456::/32 ,127.0.0.1');
    const refuses = (address: string) => policy.refuses(address) !== null;
    expect(['10.1.2.3', 'fd12:3456::1', '127.0.0.1', '::ffff:10.1.0.1'].map(refuses)).toEqual([false, false, false, false]);
    expect(['10.2.0.1', 'fd12:3457::1', '127.0.0.2', '192.168.0.1', '::1'].map(refuses)).toEqual([true, true, true, true, true]);
  });

  test('cannot allow what is never allowed', () => {
    const policy = networkPolicy('0.0.0.0/0,::/0,169.254.0.0/16,local');
    for (const address of ['169.254.169.254', 'fd00:ec2::254', '::ffff:169.254.169.254', '0.0.0.0', 'fe80::1%eth0'])
      expect(policy.refuses(address)).toMatchObject({ canBeAllowed: false });
  });

  test.each([['10.0.0.0/33'], ['10.0.0/8'], ['all'], ['10.0.0.0/'], ['fe80::1%eth0/64'], ['10.0.0.0/8;11.0.0.0/8']])(
    '%p is refused',
    (text) => {
      expect(() => networkPolicy(text)).toThrow(RangeError);
    },
  );
});

describe('a name', () => {
  const look = (addresses: string[], all = true) =>
    new Promise((resolve) => {
      const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      const lookup = guardedLookup(strict, (_host, _options, callback) => callback(null, found));
      lookup('app.example', { all }, (error, answer) => resolve(error ?? answer));
    });

  test('goes to the addresses that were looked at', async () => {
    expect(await look(['93.184.216.34', '2606:4700::1'])).toEqual([
      { address: '93.184.216.34', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ]);
    expect(await look(['93.184.216.34'], false)).toBe('93.184.216.34');
  });

  test('that leads to one’s own network, also beside a public address, is refused with the remedy', async () => {
    for (const addresses of [['127.0.0.1'], ['93.184.216.34', '10.0.0.1'], ['::ffff:192.168.0.1']])
      expect(await look(addresses)).toMatchObject({
        kind: 'misconfigured',
        facts: { code: refused, message: expect.stringContaining('PROVIDENT_ALLOWED_NETWORKS') },
      });
  });

  test('that leads to a metadata service is refused without one', async () => {
    expect(await look(['169.254.169.254'])).toMatchObject({ facts: { message: expect.not.stringContaining('PROVIDENT') } });
  });
});
