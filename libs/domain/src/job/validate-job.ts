import type { z } from 'zod';

import { type PathsMeet, checkRules } from './check-rules.js';
import { describeIssues } from './describe-issues.js';
import { inputSchemaOf } from './input-schema.js';
import { type Issue, unknownName } from './issue.js';
import { JobDefinition } from './job-definition.js';

/** Schemas of the connectors' settings, by connector name. */
export interface ConnectorSchemas {
  readonly sourceConnectors: Readonly<Record<string, z.ZodType>>;
  readonly targetConnectors: Readonly<Record<string, z.ZodType>>;
  /** How target paths lie to each other; of a connector that does not say, only the same text leads to the same place. */
  readonly pathsMeet?: Readonly<Record<string, PathsMeet>>;
}

/** `definition` is there if and only if there are no issues. */
export interface ValidatedJob {
  readonly definition?: JobDefinition;
  readonly issues: Issue[];
}

/**
 * Checks a job file as its author wrote it and fills in the defaults. The connectors' settings are checked too, and stay as written:
 * each connector reads them itself. Values found in settings are never repeated in an issue, since one of them may be a secret.
 * A key `$schema` at the root is for editors and has no meaning.
 */
export function validateJob(input: unknown, connectors: ConnectorSchemas): ValidatedJob {
  const file = isRecord(input) ? Object.fromEntries(Object.entries(input).filter(([key]) => key !== '$schema')) : input;
  const parsed = JobDefinition.safeParse(file);
  const issues = [
    ...(parsed.success
      ? checkRules(parsed.data, connectors.pathsMeet?.[parsed.data.target.connector])
      : describeIssues(parsed.error.issues, { schema: inputSchemaOf(JobDefinition), input: file, showsValues: true })),
    ...checkSystem(file, 'source', connectors.sourceConnectors),
    ...checkSystem(file, 'target', connectors.targetConnectors),
  ];
  return parsed.success && issues.length === 0 ? { definition: parsed.data, issues } : { issues };
}

/** Works on what was written, so that settings are checked whatever else is wrong with the file. */
function checkSystem(file: unknown, side: 'source' | 'target', connectors: Readonly<Record<string, z.ZodType>>): Issue[] {
  const system = isRecord(file) ? file[side] : undefined;
  if (!isRecord(system) || typeof system['connector'] !== 'string') return [];
  const { connector, config = {} } = system as { connector: string; config?: unknown };
  const schema = Object.hasOwn(connectors, connector) ? connectors[connector] : undefined;
  if (!schema)
    return connector === '' ? [] : [unknownName([side, 'connector'], `there is no ${side} connector`, connector, Object.keys(connectors))];
  const parsed = isRecord(config) ? schema.safeParse(config) : undefined;
  if (!parsed || parsed.success) return [];
  return describeIssues(parsed.error.issues, { schema: inputSchemaOf(schema), input: config, showsValues: false }).map((issue) => ({
    ...issue,
    path: [side, 'config', ...issue.path],
  }));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
