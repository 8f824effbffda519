import type { z } from 'zod';

import { inputSchemaOf, type JsonSchema } from './input-schema.js';
import { JobDefinition } from './job-definition.js';
import type { ConnectorSchemas } from './validate-job.js';

/** JSON Schema (draft 2020-12) of a job file as one writes it, with the settings of every connector: for editors, and for the reference page. */
export function jobJsonSchema({ sourceConnectors, targetConnectors }: ConnectorSchemas): JsonSchema {
  const job = inputSchemaOf(JobDefinition);
  const { source = {}, target = {} } = job.properties ?? {};
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Provisioning job',
    ...job,
    properties: {
      $schema: { type: 'string', description: 'Where this schema lies, for editors; has no other meaning.' },
      ...job.properties,
      source: withConnectors(source, sourceConnectors),
      target: withConnectors(target, targetConnectors),
    },
  };
}

function withConnectors(system: JsonSchema, connectors: Readonly<Record<string, z.ZodType>>): JsonSchema {
  const names = Object.keys(connectors).sort();
  const { connector = {} } = system.properties ?? {};
  return {
    ...system,
    properties: { ...system.properties, connector: { ...connector, enum: names } },
    allOf: names.map((name) => whenConnector(name, inputSchemaOf(connectors[name]!))),
  };
}

/** Settings that a connector cannot do without make `config` itself one. */
function whenConnector(name: string, config: JsonSchema): JsonSchema {
  const needsConfig = (config.required ?? []).length > 0;
  return {
    if: { properties: { connector: { const: name } }, required: ['connector'] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { properties: { config }, ...(needsConfig && { required: ['config'] }) },
  };
}
