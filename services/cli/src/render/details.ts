import { formatInstant } from './format.js';
import { renderFields } from './table.js';
import { printable, showValue } from './text.js';

type Bag = Record<string, unknown>;
type Field = readonly [name: string, value: string];

/** Names that say where an event belongs: the block around a step has said it already. */
const known = new Set([
  'jobId',
  'cycleId',
  'changeId',
  'objectKey',
  'displayName',
  'rules',
  'basis',
  'attempt',
  'sourceId',
  'targetId',
  'linkedId',
  'action',
  'round',
  'targetFollows',
  'demand',
]);

/** The facts of one step of the log: values read, looked for, computed, written. */
export function renderDetails(details: Bag, indent: string, timeZone?: string): string {
  const local = (name: string, value: unknown): unknown =>
    name.endsWith('At') && typeof value === 'string' ? formatInstant(value, timeZone) : value;
  const fields = Object.entries(details).flatMap(([name, value]) => (known.has(name) ? [] : fieldsOf(name, local(name, value))));
  return renderFields(fields, indent);
}

function fieldsOf(name: string, value: unknown): readonly Field[] {
  if (value === null || value === undefined || value === '' || value === false) return [];
  if (isList(value, isChange))
    return value.map((change) => [printable(String(change['attribute'])), `${showValue(change['old'])} → ${showValue(change['new'])}`]);
  if (isList(value, isMatch)) return value.flatMap(matchFields);
  if (isList(value, isTry))
    return value.map((tried) => [
      'looked for',
      `${printable(String(tried['attribute']))} ${showValue(tried['value'])}: ${String(tried['found'])} found`,
    ]);
  if (isBag(value)) return bagFields(name, value);
  if (Array.isArray(value) && value.length === 0) return [];
  return [[label(name), showValue(value)]];
}

function bagFields(name: string, value: Bag): readonly Field[] {
  if (name === 'attributes') return Object.entries(value).map(([attribute, held]) => [printable(attribute), showValue(held)]);
  if (Array.isArray(value['clauses'])) return scopeFields(value);
  if ('code' in value && ('text' in value || 'message' in value)) return [[label(name), sentence(value)]];
  return Object.entries(value).flatMap(([inner, held]) => fieldsOf(`${name} ${inner}`, held));
}

function matchFields(match: Bag): Field[] {
  return [['found', `${showValue(match['id'])} (${showValue(match['state'])})`], ...fieldsOf('attributes', match['attributes'])];
}

function scopeFields(scope: Bag): Field[] {
  const clauses = (scope['clauses'] as readonly Bag[]).map((clause): Field => {
    const actual = clause['actual'] === '' ? 'empty' : showValue(clause['actual']);
    return [
      '',
      `${showValue(clause['filter'])}: ${showValue(clause['clause'])} ${clause['holds'] === true ? 'holds' : 'does not hold'}, the value is ${actual}`,
    ];
  });
  return [['in scope', scope['inScope'] === true ? 'yes' : 'no'], ...clauses];
}

/** A reason or a failure: its words, and the code in brackets. */
function sentence(value: Bag): string {
  const status = typeof value['status'] === 'number' ? `HTTP ${value['status']}: ` : '';
  return `${status}${showValue(value['text'] ?? value['message'])} (${showValue(value['code'])})`;
}

/** `durationMs` reads as `duration ms`. */
const label = (name: string): string =>
  printable(name.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`));

const isBag = (value: unknown): value is Bag => typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: unknown, holds: (item: Bag) => boolean): value is readonly Bag[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => isBag(item) && holds(item));
const isChange = (item: Bag): boolean => 'attribute' in item && 'old' in item && 'new' in item;
const isMatch = (item: Bag): boolean => 'id' in item && 'state' in item;
const isTry = (item: Bag): boolean => 'attribute' in item && 'found' in item;
