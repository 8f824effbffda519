import { describe, expect, test } from '@jest/globals';
import { type SealClass, type Sealing, parseSealed, printSealed, sealedMark } from '@provident/domain';

import { erasedValue, openData } from './open-data.js';
import { namesIn, sealEventData } from './seal-event.js';

const keyId = 'AAAAAAAAAAAAAAAA';
/** Told apart from a real seal by being readable to this spec alone. */
const seal = (value: unknown, sealClass: SealClass): string =>
  printSealed({ sealClass, keyId, payload: Buffer.from(JSON.stringify(value)).toString('base64url') });
const open = ({ payload }: { payload: string }) => ({ value: JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown });

const sealing = (part: Partial<Sealing>): Sealing => ({
  all: false,
  source: new Set<string>(),
  target: new Set<string>(),
  displayName: 'displayName',
  ...part,
});
const everything = sealing({ all: true });
const identityNumber = sealing({ source: new Set(['ssn']), target: new Set(['identityNumber']) });

const canary = 'canary-5d2';
/** One event with every field that any event has. */
const event = {
  jobId: 'hr',
  objectKey: 'user:1',
  sourceId: '1',
  displayName: `Rita ${canary}`,
  attributes: { mail: `${canary}@example.com`, ssn: `ssn-${canary}`, level: 7, note: null },
  matches: [{ id: 'T1', state: 'active', attributes: { userName: canary, identityNumber: `ssn-${canary}`, tags: [canary] } }],
  tried: [{ attribute: 'userName', value: canary, found: 1 }],
  match: { attribute: 'userName', value: canary },
  changes: [
    { attribute: 'title', old: null, new: canary },
    { attribute: 'identityNumber', old: `ssn-${canary}`, new: 12 },
  ],
  scope: { inScope: false, clauses: [{ filter: 'f', clause: `ssn EQUALS "x"`, actual: `ssn-${canary}`, holds: false }] },
  reason: {
    code: 'out-of-scope',
    text: `out of scope: the value is "ssn-${canary}"`,
    facts: { filter: 'f', clause: 'c', actual: `ssn-${canary}`, others: '0' },
  },
  failure: { kind: 'rejected', code: 'x', message: `"SSN-${canary}" is taken` },
  next: { displayName: `Rita ${canary}` },
};

const skeleton = ['hr', 'user:1', 'userName', 'title', 'identityNumber', 'out-of-scope', 'rejected', 'T1', 'active'];

describe('a job that seals everything', () => {
  const sealed = sealEventData(event, everything, seal);

  test('has no value of a person in its events, and the whole skeleton', () => {
    const text = JSON.stringify(sealed);
    expect(text).not.toContain(canary);
    for (const word of skeleton) expect(text).toContain(word);
    expect(sealed.attributes.note).toBeNull();
    expect(sealed.changes[0]!.old).toBeNull();
  });

  test('gets every value back as it was, of whatever kind', () => {
    expect(openData(sealed, open)).toEqual({ data: event, isErased: false });
  });

  test('seals nothing twice', () => {
    expect(sealEventData(sealed, everything, seal)).toEqual(sealed);
  });

  test('leaves reasons that say no value readable', () => {
    const reason = { code: 'attributes-differ', text: 'the account differs in title', facts: { attributes: 'title' } };
    expect(sealEventData({ reason }, everything, seal)).toEqual({ reason });
  });
});

describe('a job with a sensitive attribute', () => {
  const sealed = sealEventData(event, identityNumber, seal);

  test('seals it wherever it stands, also in what the target says', () => {
    const text = JSON.stringify(sealed);
    expect(text.toLowerCase()).not.toContain(`ssn-${canary}`);
    expect(sealed.attributes.mail).toBe(event.attributes.mail);
    expect(parseSealed(sealed.attributes.ssn)?.sealClass).toBe('s');
    expect(sealed.failure.message).toMatch(/^"\{sealed:s:.*\}" is taken$/);
    expect(sealed.reason.text).toMatch(/^out of scope: the value is "\{sealed:s:.*\}"$/);
  });

  test('keeps sealed pieces of longer texts sealed when it is opened, so that they are said again as they are', () => {
    const { data } = openData(sealed, open);
    expect(data.attributes).toEqual(event.attributes);
    expect(data.failure.message).toContain(sealedMark);
    expect(JSON.stringify(sealEventData({ failure: data.failure }, identityNumber, seal))).not.toContain(canary);
  });

  test('seals a failure about that attribute as a whole', () => {
    const failure = { message: 'no such thing', attribute: 'identityNumber' };
    expect(parseSealed(sealEventData({ failure }, identityNumber, seal).failure.message)?.sealClass).toBe('s');
  });
});

test('what was erased says so in the place of its values', () => {
  const { data, isErased } = openData(sealEventData(event, everything, seal), () => 'erased');
  expect(isErased).toBe(true);
  expect(data.attributes).toEqual({ mail: erasedValue, ssn: erasedValue, level: erasedValue, note: null });
});

test('people are looked for by their name, each word of it, and what they were matched by', () => {
  expect(namesIn({ displayName: 'Zoë  Müller', match: { value: 'Zoe@Example.com' } })).toEqual([
    'zoe muller',
    'muller zoe',
    'zoe',
    'muller',
    'zoe@example.com',
  ]);
});
