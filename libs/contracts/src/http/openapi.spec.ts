import { expect, test } from '@jest/globals';

import { openApiDocument } from './openapi.js';
import { type Route, routes } from './routes.js';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, object>>;
}

const document = JSON.parse(JSON.stringify(openApiDocument())) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: Record<string, object> }> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { $ref } = value as { $ref?: unknown };
  return [...(typeof $ref === 'string' ? [$ref] : []), ...Object.values(value).flatMap(refsIn)];
}

test('every route is in the document once, with its parameters and an error', () => {
  expect(operations.map(({ operation }) => operation.operationId).toSorted()).toEqual(Object.keys(routes).toSorted());
  for (const { path, operation } of operations) {
    const inPath = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
    expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
    expect(Object.keys(operation.responses)).toContain('default');
    const { query } = (routes as Record<string, Route>)[operation.operationId]!;
    const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    expect(inQuery).toEqual(Object.keys(query?.shape ?? {}));
  }
});

test('every reference leads somewhere, and views have their members', () => {
  const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
  expect(refsIn(document).filter((ref) => !known.has(ref))).toEqual([]);
  expect(Object.keys(document.components.schemas['JobStatusView']!.properties!)).toContain('freshness');
  expect(JSON.stringify(document.components)).not.toContain('"additionalProperties":false');
});
