import type { z } from 'zod';

import { connectorConfigs } from './config.js';
import type { OpenOptions, SourceConnector, SourceFactory, TargetConnector, TargetFactory } from './connector.js';
import { ConnectorError } from './connector-error.js';
import { csvSource } from './csv/index.js';
import { ldapSource } from './ldap/index.js';
import type { TargetPaces } from './pace/target-paces.js';
import { scimTarget } from './scim/index.js';

/** A system as a job names it: a connector and its settings. */
export interface SystemRef {
  readonly connector: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const sources: Readonly<Record<string, SourceFactory<never>>> = { csv: csvSource, ldap: ldapSource };
const targets: Readonly<Record<string, TargetFactory<never>>> = { scim: scimTarget };

/** @throws ConnectorError `misconfigured` for an unknown connector or settings that do not fit */
export function openSource(system: SystemRef, options: OpenOptions): Promise<SourceConnector> {
  return open(sources, connectorConfigs.source, system, options);
}

/** @throws ConnectorError `misconfigured` for an unknown connector or settings that do not fit */
export function openTarget(system: SystemRef, options: OpenOptions): Promise<TargetConnector> {
  return open(targets, connectorConfigs.target, system, options);
}

/** How systems are opened. */
export interface Openers {
  readonly source: typeof openSource;
  readonly target: typeof openTarget;
  /** How fast targets may be asked; without it, as fast as they answer. */
  readonly paces?: Pick<TargetPaces, 'for'> | undefined;
}

/** Opens systems by their connectors, with what is the same for all of them. */
export class ConnectorOpeners implements Openers {
  constructor(
    private readonly always: Pick<OpenOptions, 'vault' | 'onRequest' | 'beginRequest' | 'network'> = {},
    readonly paces?: TargetPaces,
  ) {}

  readonly source: typeof openSource = (system, options) => openSource(system, { ...options, ...this.always });
  readonly target: typeof openTarget = (system, options) => openTarget(system, { ...options, ...this.always });
}

async function open<Connector>(
  factories: Readonly<Record<string, { open: (config: never, options: OpenOptions) => Promise<Connector> }>>,
  schemas: Readonly<Record<string, z.ZodType>>,
  { connector, config }: SystemRef,
  options: OpenOptions,
): Promise<Connector> {
  const factory = factories[connector];
  const schema = schemas[connector];
  if (!factory || !schema) throw misconfigured(`there is no connector "${connector}"`);
  const parsed = schema.safeParse(config);
  if (!parsed.success) throw misconfigured(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  return factory.open(parsed.data as never, options);
}

const misconfigured = (message: string): ConnectorError =>
  new ConnectorError({ kind: 'misconfigured', code: 'connector-settings', message });
