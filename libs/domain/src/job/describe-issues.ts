import type { z } from 'zod';

import { type JsonSchema, keysAt, objectFormsAt } from './input-schema.js';
import { type Issue, type IssuePath, issueAt, unknownName } from './issue.js';
import { expectation, foundText, kindText } from './issue-words.js';
import { nearest } from './nearest.js';

/** Where the issues come from. */
export interface Checked {
  /** The input side of the schema that found them. */
  readonly schema: JsonSchema;
  /** What was checked. */
  readonly input: unknown;
  /** Whether what was found may be repeated: not where somebody may have written a secret. */
  readonly showsValues: boolean;
}

type ZodIssue = z.core.$ZodIssue;
interface Finding extends Issue {
  readonly isMissing?: boolean;
}

/** What a schema found wrong, in the words of somebody who writes a job file. */
export function describeIssues(issues: readonly ZodIssue[], checked: Checked): Issue[] {
  const findings = withoutEchoes(issues.flatMap((issue) => describe(issue, checked)));
  return findings.map(({ path, message, nearest: meant }) => ({ path, message, ...(meant !== undefined && { nearest: meant }) }));
}

function describe(issue: ZodIssue, checked: Checked): Finding[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const value = lookUp(checked.input, path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, checked));
  if (value === undefined && path.length > 0 && issue.code !== 'custom') return [missing(path, expectation(issue))];
  if (issue.code === 'invalid_union') return alternatives(issue, path, value, checked);
  const found = checked.showsValues ? foundText(value) : kindText(value);
  const meant = issue.code === 'invalid_value' && typeof value === 'string' ? nearest(value, issue.values.map(String)) : undefined;
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  const message = issue.code === 'custom' ? issue.message : `${expectation(issue)}, found ${found}${hint}`;
  return [{ ...issueAt(path, message), ...(meant !== undefined && { nearest: meant }) }];
}

const missing = (path: IssuePath, expected: string): Finding => ({
  ...issueAt(path, `"${path.at(-1)}" is missing: ${expected}`),
  isMissing: true,
});

function unknownKey(path: IssuePath, key: string, { schema }: Checked): Finding {
  const known = keysAt(schema, path);
  if (known.includes(key)) return issueAt([...path, key], `"${key}" does not go together with the other keys here`);
  return unknownName([...path, key], 'unknown key', key, known);
}

/** Of several allowed forms, what is wrong with the one that was probably meant: the one with the fewest problems. */
function alternatives(issue: Extract<ZodIssue, { code: 'invalid_union' }>, path: IssuePath, value: unknown, checked: Checked): Finding[] {
  const forms = issue.errors.filter((found) => !found.some((one) => one.path.length === 0 && one.code === 'invalid_type'));
  if (forms.length === 0) return [noForm(issue, path, value, checked)];
  const findings = forms.map((form) => withoutEchoes(form.flatMap((one) => describe(inside(one, path), checked))));
  const fewest = Math.min(...findings.map(({ length }) => length));
  const closest = findings.filter(({ length }) => length === fewest);
  const keys = closest.flat().map((one) => `"${one.path.at(-1)}"`);
  const isOpen = closest.length > 1 && closest.flat().every(({ isMissing }) => isMissing);
  return isOpen ? [issueAt(path, `give one of ${keys.join(', ')}`)] : (closest[0] ?? []);
}

function noForm(issue: ZodIssue, path: IssuePath, value: unknown, { schema, showsValues }: Checked): Finding {
  const objects = objectFormsAt(schema, path);
  const expected = objects.length > 1 ? `expected ${objects.join(' or ')}` : expectation(issue);
  return issueAt(path, `${expected}, found ${showsValues ? foundText(value) : kindText(value)}`);
}

const inside = (issue: ZodIssue, path: IssuePath): ZodIssue => ({ ...issue, path: [...path, ...issue.path] });

/** A mistyped key is one mistake, not two: the key that is missing for it is left out. */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const meant = new Set(
    findings.flatMap((one) => (one.nearest === undefined ? [] : [JSON.stringify([...one.path.slice(0, -1), one.nearest])])),
  );
  return findings.filter(({ isMissing, path }) => !isMissing || !meant.has(JSON.stringify(path)));
}

function lookUp(input: unknown, path: IssuePath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    input,
  );
}
