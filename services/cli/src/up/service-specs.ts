import { join } from 'node:path';
import { serviceNodeFlags, type ServiceSpec } from '@provident/embedded';

import { machineTokenFile } from '../machine-token.js';
import { mainFile, repositoryRoot, sampleTargetPort } from '../places.js';
import type { Servers } from './servers.js';

/** In the order in which they start; they end in the opposite one. */
export const services = [
  'job-scheduler',
  'importer',
  'rule-evaluator',
  'exporter',
  'escrow-retrier',
  'audit-projector',
  'report-api',
  'audit-streamer',
] as const;

/** The only ones that open connectors, and so the only ones that need the systems' secrets. */
const withConnectors: ReadonlySet<string> = new Set(['importer', 'exporter']);

/** Those that read secrets of the vault or write them, or work with values of people, which may be sealed. */
const withVault: ReadonlySet<string> = new Set(services.filter((service) => service !== 'audit-projector'));

/** The master key: where somebody says, else in a file of our own in the data folder. */
function masterKeyIn(dataFolder: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isSaid = ['PROVIDENT_MASTER_KEY', 'PROVIDENT_MASTER_KEY_FILE', 'PROVIDENT_KMS_URL'].some((name) => env[name]);
  if (isSaid) return {};
  return { PROVIDENT_MASTER_KEY_FILE: join(dataFolder, 'master.key'), PROVIDENT_MASTER_KEY_FILE_MANAGED: 'true' };
}

export interface Surroundings {
  readonly servers: Servers;
  readonly env: NodeJS.ProcessEnv;
  readonly logs: string;
  readonly dataFolder: string;
  /** Folder that relative paths of job files start from when nobody says another. */
  readonly baseDir: string;
  readonly port: number;
  /** Of the sample target; null when it is not used. */
  readonly sampleToken: string | null;
}

export const mainFileOf = (service: string): string => join(repositoryRoot, 'services', service, 'dist', 'service.mjs');

export function serviceSpec(
  service: (typeof services)[number],
  { servers, env, logs, dataFolder, baseDir, port, sampleToken }: Surroundings,
): ServiceSpec {
  return {
    name: service,
    command: process.execPath,
    args: [...serviceNodeFlags(service), mainFileOf(service)],
    cwd: repositoryRoot,
    env: {
      ...env,
      NATS_URL: servers.natsUrl,
      ...(servers.isNatsOwn ? { NATS_SYNC: 'always', NATS_MONITORING_URL: undefined } : {}),
      DATABASE_URL: servers.databaseUrl,
      PROVIDENT_INSTANCE: `${service}-1`,
      ...(service === 'report-api' ? { PROVIDENT_BASE_DIR: baseDir, PROVIDENT_TOKEN_FILE: machineTokenFile(dataFolder) } : {}),
      ...(service === 'audit-streamer' ? { PROVIDENT_STREAM_FILES: env['PROVIDENT_STREAM_FILES'] ?? join(dataFolder, 'streams') } : {}),
      PORT: String(port),
      PROVIDENT_ALLOWED_NETWORKS: env['PROVIDENT_ALLOWED_NETWORKS'] ?? (isLoopback(env['HOST']) ? 'local' : ''),
      ...metricsPort(service, env),
      NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] ?? join(dataFolder, 'compile-cache'),
      ...(withVault.has(service) ? masterKeyIn(dataFolder, env) : { PROVIDENT_MASTER_KEY: undefined }),
      ...(sampleToken !== null && withConnectors.has(service) ? { SAMPLE_TARGET_TOKEN: sampleToken } : {}),
    },
    logFile: join(logs, `${service}.log`),
  };
}

/** Who offers the API to others says which networks of his own jobs may connect to. */
const isLoopback = (host: string | undefined): boolean =>
  host === undefined || host === 'localhost' || host === '::1' || host.startsWith('127.');

/** METRICS_PORT is that of the first service; the others follow it in their order. */
function metricsPort(service: (typeof services)[number], { METRICS_PORT: first }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return first !== undefined && /^\d+$/.test(first) ? { METRICS_PORT: String(Number(first) + services.indexOf(service)) } : {};
}

export function sampleTargetSpec(dataFolder: string, logs: string, env: NodeJS.ProcessEnv, token: string): ServiceSpec {
  return {
    name: 'sample-target',
    command: process.execPath,
    args: [mainFile, 'sample-target', '--port', String(sampleTargetPort), '--file', join(dataFolder, 'sample-target.json')],
    cwd: repositoryRoot,
    env: { ...env, PROVIDENT_MASTER_KEY: undefined, SAMPLE_TARGET_TOKEN: token },
    logFile: join(logs, 'sample-target.log'),
  };
}
