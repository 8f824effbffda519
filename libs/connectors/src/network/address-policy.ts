import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** Why an address is not connected to. */
export interface Refusal {
  /** What kind of address it is, for people. */
  readonly what: string;
  /** Whether a configuration may allow it. */
  readonly canBeAllowed: boolean;
}

/** Which addresses a service may connect to on behalf of a job. */
export interface NetworkPolicy {
  /** Null when the address may be connected to. @param address IPv4 or IPv6, as text */
  refuses(address: string): Refusal | null;
}

type Net = readonly [address: string, prefix: number];

/** Where machines of clouds tell their credentials to whoever asks, and addresses that are no single machine's. Never allowed. */
const never: readonly (readonly [what: string, ...nets: Net[]])[] = [
  ['a link-local address, where clouds keep credentials', ['169.254.0.0', 16], ['fe80::', 10]],
  [
    'a metadata service of a cloud',
    ['fd00:ec2::254', 128],
    ['fd20:ce::254', 128],
    ['100.100.100.200', 32],
    ['192.0.0.192', 32],
    ['168.63.129.16', 32],
  ],
  ['no address of a machine', ['0.0.0.0', 8], ['::', 128]],
  ['a multicast or broadcast address', ['224.0.0.0', 4], ['255.255.255.255', 32], ['ff00::', 8]],
  ['a reserved address', ['240.0.0.0', 4], ['192.0.0.0', 24], ['100::', 64], ['fec0::', 10]],
  [
    'an address of documentation or tests',
    ['192.0.2.0', 24],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['198.18.0.0', 15],
    ['2001:db8::', 32],
    ['3fff::', 20],
  ],
];

/** Of one's own network: allowed where the configuration says so. */
const own: readonly (readonly [what: string, ...nets: Net[]])[] = [
  ['a loopback address', ['127.0.0.0', 8], ['::1', 128]],
  ['a private address', ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['fc00::', 7]],
  ['an address behind a provider’s network address translation', ['100.64.0.0', 10]],
];

const ranges = (table: typeof never) => table.map(([what, ...nets]) => ({ what, list: listOf(nets) }));
const neverAllowed = ranges(never);
const ownNetwork = ranges(own);

function listOf(nets: readonly Net[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of nets) list.addSubnet(address, prefix, isIPv4(address) ? 'ipv4' : 'ipv6');
  return list;
}

const isIn = (list: BlockList, address: string): boolean => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');

/**
 * @param allowed networks such as `10.0.0.0/8`, parted by commas, and `local` for all of one's own network: loopback and private addresses. Nothing allows
 * what is never allowed.
 * @throws RangeError when it cannot be read
 */
export function networkPolicy(allowed: string): NetworkPolicy {
  const parts = allowed
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const isLocal = parts.includes('local');
  const list = listOf(parts.filter((part) => part !== 'local').map(netOf));
  return {
    refuses(address) {
      const faces = facesOf(address);
      if (faces === null) return { what: 'no address', canBeAllowed: false };
      for (const face of faces) {
        const forbidden = neverAllowed.find((range) => isIn(range.list, face));
        if (forbidden) return { what: forbidden.what, canBeAllowed: false };
      }
      for (const face of faces) {
        const local = ownNetwork.find((range) => isIn(range.list, face));
        if (local && !isLocal && !isIn(list, face)) return { what: local.what, canBeAllowed: true };
      }
      return null;
    },
  };
}

/** @throws RangeError */
function netOf(text: string): Net {
  const [address = '', prefix = ''] = text.split('/');
  const most = isIPv4(address) ? 32 : 128;
  const bits = prefix === '' && !text.includes('/') ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (isIP(address) === 0 || Number.isNaN(bits) || bits > most || address.includes('%'))
    throw new RangeError(`"${text}" is no network: write it as 10.0.0.0/8 or fd12:3456::/32, or "local" for all of your own network`);
  return [address, bits];
}

// ---------------------------------------------------------------- addresses in addresses

/** An address, and the IPv4 addresses that are packed into it: a packet to the one may arrive at the other. Null: it is none. */
function facesOf(address: string): string[] | null {
  if (isIPv4(address)) return [address];
  const [plain = ''] = address.split('%');
  const groups = isIPv6(plain) ? groupsOf(plain) : null;
  if (!groups) return null;
  const v4 = (at: number, invert = 0): string => {
    const [high, low] = [groups[at]! ^ invert, groups[at + 1]! ^ invert];
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  };
  const startsWith = (...start: number[]): boolean => start.every((group, at) => groups[at] === group);
  const packed: string[] = [];
  if (startsWith(0, 0, 0, 0, 0, 0xffff) || startsWith(0, 0, 0, 0, 0xffff, 0)) packed.push(v4(6)); // mapped, translated
  if (startsWith(0, 0, 0, 0, 0, 0) && (groups[6] !== 0 || groups[7]! > 1)) packed.push(v4(6)); // compatible
  if (startsWith(0x64, 0xff9b)) packed.push(v4(6)); // NAT64, the well-known prefix and local ones
  if (startsWith(0x2002)) packed.push(v4(1)); // 6to4
  if (startsWith(0x2001, 0)) packed.push(v4(2), v4(6, 0xffff)); // Teredo: its server and its client
  if (groups[5] === 0x5efe && (groups[4]! & 0xfcff) === 0) packed.push(v4(6)); // ISATAP
  return [plain, ...packed];
}

/** The eight groups of an IPv6 address that was found to be one. */
function groupsOf(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text = dotted
    ? `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`
    : address;
  const [head = '', tail] = text.split('::');
  const read = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [first, last] = [read(head), read(tail ?? '')];
  return tail === undefined ? first : [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}
