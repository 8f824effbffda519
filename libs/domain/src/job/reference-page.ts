import type { JsonSchema } from './input-schema.js';

/** A readable reference of the job file, in Markdown: one section with a table for every object, then one for every connector's settings. */
export function jobReferenceMarkdown(schema: JsonSchema): string {
  const sections = [...sectionsOf('', schema), ...connectorSections('source', schema), ...connectorSections('target', schema)];
  const intro = 'A job is one YAML or JSON file. This page is generated from the schema that checks it.';
  return [`# Job file reference`, intro, ...sections].join('\n\n').concat('\n');
}

function connectorSections(side: string, schema: JsonSchema): string[] {
  const cases = schema.properties?.[side]?.allOf ?? [];
  return cases.flatMap((one) => {
    const name = String(one.if?.properties?.['connector']?.const);
    const config = one.then?.properties?.['config'];
    return config ? sectionsOf(`${side}.config`, config, ` of connector \`${name}\``) : [];
  });
}

/** The section of an object and of every object inside it. */
function sectionsOf(path: string, schema: JsonSchema, suffix = ''): string[] {
  const properties = Object.entries(schema.properties ?? {});
  const title = path === '' ? '## The job' : `## \`${path}\`${suffix}`;
  const rows = properties.map(([key, value]) => row(key, value, schema.required?.includes(key) ?? false));
  const table = ['| Key | Type | Default | Meaning |', '|---|---|---|---|', ...rows].join('\n');
  const inner = properties.flatMap(([key, value]) => {
    const [object, place] = innerObject(value, path === '' ? key : `${path}.${key}`);
    return object ? sectionsOf(place, object, suffix) : [];
  });
  const text = schema.description === undefined ? [] : [schema.description];
  const body = properties.length > 0 ? [table] : ['No settings.'];
  return [[title, ...text, ...body].join('\n\n'), ...inner];
}

/** The object that a key holds, itself or as entries of a list. */
function innerObject(schema: JsonSchema, path: string): [JsonSchema | undefined, string] {
  if (schema.items) return innerObject({ ...schema.items }, `${path}[]`);
  return [schema.properties ? schema : undefined, path];
}

function row(key: string, schema: JsonSchema, isRequired: boolean): string {
  const isNested = schema.properties !== undefined;
  const fallback = schema.default === undefined || isNested ? '' : `\`${JSON.stringify(schema.default)}\``;
  const cells = [`\`${key}\``, typeText(schema), isRequired ? '*required*' : fallback, schema.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
  object: 'object',
  array: 'list',
};

function typeText(schema: JsonSchema): string {
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms) return [...new Set(forms.map(typeText))].join(' or ');
  if (schema.const !== undefined) return `\`${schema.const as string | number | boolean}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.items) return `list of ${typeText(schema.items)}`;
  if (schema.type === 'object' && !schema.properties && typeof schema.additionalProperties === 'object')
    return mapText(schema.additionalProperties);
  if (schema.type === 'object' && forms === undefined && schema.properties) return objectText(schema);
  const names = [schema.type ?? []].flat().map((type) => typeNames[type] ?? type);
  return `${names.join(' or ') || 'anything'}${rangeText(schema)}`;
}

const mapText = (values: JsonSchema): string => (Object.keys(values).length > 0 ? `object of ${typeText(values)}` : 'object');

/** A small object is written out, as the forms of a reference to a secret are; a larger one has its own section. */
function objectText({ properties = {}, required = [] }: JsonSchema): string {
  const [only, ...others] = Object.entries(properties);
  return only && others.length === 0 && required.length === 1 ? `\`{ ${only[0]}: … }\`` : 'object';
}

function rangeText({ minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, from ${minimum}`;
  return maximum === undefined ? '' : `, up to ${maximum}`;
}
