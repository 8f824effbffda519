import { z } from 'zod';

import { CommandAnswer } from '../commands.js';
import * as simulation from '../simulation.js';
import * as access from './access-views.js';
import * as attempts from './attempts.js';
import * as cycleReport from './cycle-report.js';
import * as escrows from './escrow-views.js';
import * as graph from './graph/index.js';
import * as jobChanges from './job-changes.js';
import * as onDemand from './on-demand-view.js';
import * as people from './people.js';
import * as peopleFound from './people-found.js';
import * as readModelCheck from './read-model-check.js';
import { type Needed, routePermissions } from './permissions.js';
import { type Route, type Routes, routes } from './routes.js';
import * as secrets from './secrets.js';
import * as views from './views.js';

type JsonSchema = Record<string, unknown>;

/** Schemas that have a name of their own in the document. */
const named: Readonly<Record<string, unknown>> = {
  CommandAnswer,
  ...views,
  ...escrows,
  ...simulation,
  ...access,
  ...attempts,
  ...cycleReport,
  ...jobChanges,
  ...onDemand,
  ...people,
  ...peopleFound,
  ...readModelCheck,
  SecretView: secrets.SecretView,
  SecretsView: secrets.SecretsView,
  VaultView: secrets.VaultView,
  ...graph,
};

const pascal = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);
const componentOf = (id: string): string => `#/components/schemas/${id}`;

/** The whole API as an OpenAPI 3.1 document. */
export function openApiDocument(): JsonSchema {
  const ids = new Map<z.ZodType, string>();
  for (const [name, schema] of Object.entries(named)) if (schema instanceof z.ZodType) ids.set(schema, name);
  for (const [name, { answer }] of Object.entries<Route>(routes)) if (answer && !ids.has(answer)) ids.set(answer, `${pascal(name)}Answer`);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Provident',
      version: '1',
      description:
        'Reports and commands of Provident under /provident/v1, and the same facts in the shapes of Microsoft Graph under /v1.0 and /beta.',
    },
    paths: pathsOf(ids),
    components: {
      schemas: schemasOf(ids),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API token, or an access token of the OpenID issuer. Not needed where /provident/v1/sign-in says that nobody has to sign in.',
        },
      },
    },
  };
}

/** Answers may get more members: a client must not refuse them. */
function schemasOf(ids: ReadonlyMap<z.ZodType, string>): JsonSchema {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of ids) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: componentOf, io: 'output', unrepresentable: 'any' });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, open(schema)]));
}

function open(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(open);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(plain(schema)).filter(
    ([key, value]) => key !== '$schema' && key !== '$id' && !(key === 'additionalProperties' && value === false),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, open(value)]));
}

/** What a format says already, and the range of every whole number in JavaScript, is not said again. */
function plain(schema: object): JsonSchema {
  const { pattern, minimum, maximum, ...rest } = schema as JsonSchema;
  return {
    ...rest,
    ...(pattern !== undefined && rest['format'] === undefined && { pattern }),
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
  };
}

function pathsOf(ids: ReadonlyMap<z.ZodType, string>): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route, ids) };
  }
  return paths;
}

function operation(name: string, route: Route, ids: ReadonlyMap<z.ZodType, string>): JsonSchema {
  const isGraph = route.path.startsWith('/v1.0');
  return {
    operationId: name,
    summary: route.summary,
    tags: [isGraph ? 'Graph' : 'Provident'],
    security: securityOf(routePermissions[name as keyof Routes]),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(route.body && {
      requestBody: { required: !route.isBodyOptional, content: { 'application/json': { schema: sent(route.body) } } },
    }),
    responses: {
      [route.status]: { description: route.status === 204 ? 'Done' : route.summary, ...contentOf(route, ids) },
      default: {
        description: 'Refused, or failed',
        content: { 'application/json': { schema: { $ref: componentOf(isGraph ? 'GraphError' : 'ErrorView') } } },
      },
    },
  };
}

/** Which permission is needed stands where the scopes stand. */
const securityOf = ({ permission }: Needed): JsonSchema[] =>
  permission === 'nobody' ? [] : [{ bearer: permission === 'anybody' ? [] : [permission] }];

function contentOf({ answer, media = [] }: Route, ids: ReadonlyMap<z.ZodType, string>): JsonSchema {
  if (answer) return { content: { 'application/json': { schema: { $ref: componentOf(ids.get(answer)!) } } } };
  return media.length === 0 ? {} : { content: Object.fromEntries(media.map((type) => [type, { schema: { type: 'string' } }])) };
}

const pathParameters = ({ path }: Route): JsonSchema[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));

function queryParameters({ query }: Route): JsonSchema[] {
  if (!query) return [];
  const { properties = {}, required = [] } = sent(query) as { properties?: Record<string, JsonSchema>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

function sent(schema: z.ZodType): JsonSchema {
  return withPlainParts(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })) as JsonSchema;
}

/** What is sent is checked: unknown members are refused, and the document says so. */
function withPlainParts(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withPlainParts);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $schema: _schema, ...rest } = plain(schema);
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withPlainParts(value)]));
}
