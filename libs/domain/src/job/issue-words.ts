import type { z } from 'zod';

type ZodIssue = z.core.$ZodIssue;

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What was found, without its value. */
export function kindText(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'boolean') return String(value);
  return kinds[Array.isArray(value) ? 'array' : typeof value] ?? typeof value;
}

/** What was found, with its value where that is short. */
export function foundText(value: unknown): string {
  if (typeof value === 'string') return `text ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`;
  return typeof value === 'number' ? String(value) : kindText(value);
}

/** What the place takes. */
export function expectation(issue: ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${anyOf(issue.values)}`;
    case 'invalid_union':
      return unionExpectation(issue);
    case 'too_small':
      return bound(issue.origin, Number(issue.minimum), issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return bound(issue.origin, Number(issue.maximum), issue.inclusive === false ? 'less than' : 'at most');
    case 'invalid_format':
      return format(issue);
    default:
      return issue.message;
  }
}

const anyOf = (values: readonly unknown[]): string =>
  `${values.length > 1 ? 'one of ' : ''}${values.map((value) => JSON.stringify(value)).join(', ')}`;

function unionExpectation(issue: Extract<ZodIssue, { code: 'invalid_union' }>): string {
  if ('options' in issue && Array.isArray(issue.options)) return `expected ${anyOf(issue.options)}`;
  const forms = issue.errors.flatMap((form) =>
    form.filter(({ path }) => path.length === 0).map((one) => expectation(one).replace(/^expected /, '')),
  );
  return `expected ${[...new Set(forms)].join(' or ')}`;
}

function bound(origin: string, limit: number, relation: string): string {
  if (origin === 'string')
    return limit === 1 && relation === 'at least' ? 'must not be empty' : `must have ${relation} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `must have ${relation} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `must be ${relation} ${limit}`;
}

/** A schema's own words for a format name what is expected; the library's begin with "Invalid". */
function format(issue: Extract<ZodIssue, { code: 'invalid_format' }>): string {
  if (!issue.message.startsWith('Invalid')) return `expected ${issue.message}`;
  if (issue.format === 'regex') return `expected text of the form ${issue.pattern}`;
  return `expected ${formats[issue.format] ?? issue.format}`;
}

const formats: Readonly<Record<string, string>> = { url: 'a URL', email: 'an e-mail address' };
