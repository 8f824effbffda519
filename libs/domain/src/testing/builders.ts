import type { z } from 'zod';

import type { ImportedPair, SourceSide, TargetAccount, TargetSide } from '../evaluation/evaluation.js';
import { AttributeMapping, JobDefinition, ObjectMapping } from '../job/job-definition.js';
import type { AttributeBag } from '../object/attributes.js';

/** A person as a personnel file has it. */
export const person = (attributes: AttributeBag = {}): AttributeBag => ({
  id: '1001',
  email: 'jane.doe@example.com',
  firstName: 'Jane',
  lastName: 'Doe',
  department: 'Finance',
  status: 'active',
  ...attributes,
});

/** An account as the target has it: in step with `person` under the mappings of `objectMapping`. */
export const account = (attributes: AttributeBag = {}, state: TargetAccount['state'] = 'active'): TargetAccount => ({
  id: 'a-1',
  attributes: { userName: 'jane.doe@example.com', 'name.givenName': 'Jane', 'name.familyName': 'Doe', ...attributes },
  state,
});

/** A mapping onto one target attribute, with every default filled in. */
export const mapping = (target: string, rest: Omit<z.input<typeof AttributeMapping>, 'target'>): AttributeMapping =>
  AttributeMapping.parse({ target, ...rest });

/** Mappings by userName, for everybody; any part can be replaced. */
export const objectMapping = (rules: Partial<z.input<typeof ObjectMapping>> = {}): ObjectMapping =>
  ObjectMapping.parse({
    type: 'user',
    attributes: [
      { target: 'userName', source: 'email', matching: 1, required: true, caseExact: false },
      { target: 'name.givenName', source: 'firstName' },
      { target: 'name.familyName', source: 'lastName', required: true },
    ],
    ...rules,
  });

/** A job as a file would define it, with every default filled in; any part can be replaced. */
export const job = (parts: Partial<z.input<typeof JobDefinition>> = {}): JobDefinition =>
  JobDefinition.parse({
    job: 'people-to-app',
    source: { connector: 'csv', config: { path: 'people.csv' } },
    target: { connector: 'scim', config: { url: 'https://app.example.com/scim/v2' } },
    objects: [objectMapping()],
    ...parts,
  });

const found = (by: 'link' | 'matching', matches: readonly TargetAccount[], linkedId: string | null): TargetSide => ({
  by,
  tried: by === 'matching' ? [{ attribute: 'userName', value: 'jane.doe@example.com', found: matches.length }] : [],
  matches,
  linkedId,
});

/** Target sides by the situation they stand for. */
export const targetSide = {
  /** Looked up by matching, and nothing there. */
  absent: (): TargetSide => ({ ...found('matching', [], null), by: 'none' }),
  matched: (...accounts: TargetAccount[]): TargetSide => found('matching', accounts, null),
  linked: (one: TargetAccount): TargetSide => found('link', [one], one.id),
  /** Linked, and no longer in the target. */
  vanished: (linkedId = 'a-1'): TargetSide => found('link', [], linkedId),
};

export const pair = (target: TargetSide, attributes: AttributeBag = person(), change: SourceSide['change'] = 'updated'): ImportedPair => ({
  source: { change, attributes },
  target,
});
