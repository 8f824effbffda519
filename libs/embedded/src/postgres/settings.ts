import type { Version } from '../version.js';

export interface ServerSettings {
  readonly port: number;
  /** For tests: nothing survives a power cut, everything is faster. */
  readonly volatile: boolean;
}

/** What the server is told at every start, whatever its configuration file says. */
export function postgresSettings({ port, volatile }: ServerSettings): Record<string, string> {
  const durability = volatile ? 'off' : 'on';
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    ...durable(durability),
    ...common,
    ...(volatile ? { autovacuum_naptime: '1h', max_wal_size: '4GB' } : {}),
  };
}

const durable = (value: 'on' | 'off') => ({ fsync: value, synchronous_commit: value, full_page_writes: value });

const common = { max_connections: '200', logging_collector: 'off', log_timezone: 'UTC', timezone: 'UTC' };

/** The same inside a container, where the image decides where to listen. */
export const containerSettings = (): Record<string, string> => ({ ...durable('on'), ...common });

export const asArguments = (settings: Record<string, string>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** How a cluster is made: UTF-8 text, ordered by code point, alike on every machine. */
export function initdbArguments(version: Version, volatile: boolean): string[] {
  const [major = 0] = version;
  const locale = major >= 17 ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : ['--locale=C.UTF-8'];
  return ['--encoding=UTF8', ...locale, '--auth=scram-sha-256', ...(volatile ? ['--no-sync'] : [])];
}
