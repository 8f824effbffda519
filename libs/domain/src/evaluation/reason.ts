/** Why an object was treated as it was: the closed set of codes, each with the facts it needs and the line it reads as. */
const texts = {
  // create, update
  'not-in-target': ({ attribute, value }: { attribute: string; value: string }) =>
    `no account in the target has ${attribute} ${quoted(value)}`,
  'attributes-differ': ({ attributes }: { attributes: string }) => `the account differs in ${attributes}`,
  'account-disabled': ({ attributes }: { attributes: string }) =>
    `the account is disabled, and the person is active and in scope${attributes && `; it also differs in ${attributes}`}`,
  'members-differ': ({ added, removed }: { added: string; removed: string }) => `members differ: ${added} to add, ${removed} to remove`,

  'members-leave': ({ removed, of, over }: { removed: string; of: string; over: string }) =>
    `${removed} of ${of} members leave the group${over === '' ? '' : `; ${over}`}`,

  // disable and delete of a linked account, skip of a person without one
  'deleted-at-source': () => 'the person is gone from the source',
  'out-of-scope': ({ filter, clause, actual, others }: { filter: string; clause: string; actual: string; others: string }) =>
    `out of scope: ${notHolding(clause, actual)} (filter "${filter}"${others === '0' ? '' : `; ${others} more do not hold either`})`,
  'not-assigned': ({ actual }: { clause: string; actual: string }) => `not assigned to the application: ${actual}`,
  'not-active': ({ clause, actual }: { clause: string; actual: string }) => `not active: ${notHolding(clause, actual)}`,

  // skip
  'never-linked': () => 'the person is gone from the source and never had an account through this job',
  'removal-ignored': ({ because }: { because: string }) => `the rules leave the account alone (${because})`,
  'removal-rejected': ({ because, by, at }: { because: string; by: string; at: string }) =>
    `${by} rejected the removal of the account at ${at}, and nothing has changed since (${because})`,
  'type-not-mapped': ({ type }: { type: string }) => `the job has no rules for objects of type "${type}" any more`,
  'action-not-allowed': ({ action }: { action: string }) => `"${action}" is not among the allowed actions`,

  // unchanged
  'redundant-export': () => 'source and target already agree',
  'already-disabled': ({ because }: { because: string }) => `the account is disabled already (${because})`,
  'already-gone': ({ because }: { because: string }) => `the account is gone already (${because})`,

  // fail
  'invalid-anchor': ({ targetId }: { targetId: string }) =>
    `the linked account ${targetId} no longer exists in the target; it is not created again without a person's decision`,
  'no-matching-value': ({ attributes }: { attributes: string }) => `no value for the matching attribute ${attributes}`,
  'duplicate-target-entries': ({ ids }: { ids: string; attribute: string; value: string }) => `more than one account matches: ${ids}`,
  'expression-failed': ({ attribute, message }: { attribute: string; message: string }) =>
    `the expression of ${attribute} failed: ${message}`,
  'mandatory-fields-missing': ({ attributes }: { attributes: string }) => `no value for required ${attributes}`,
} satisfies Record<string, (facts: never) => string>;

export type ReasonCode = keyof typeof texts;
export const reasonCodes = Object.keys(texts) as readonly ReasonCode[];

/** A code, the same in one line for people, and the facts behind it. */
export interface Reason {
  readonly code: ReasonCode;
  readonly text: string;
  readonly facts?: Record<string, string>;
}

/** The reason with that code; its facts are typed by the code. */
export function reason<Code extends ReasonCode>(code: Code, ...facts: Parameters<(typeof texts)[Code]>): Reason {
  const text = (texts[code] as (...given: typeof facts) => string)(...facts);
  return { code, text, ...(facts[0] && { facts: facts[0] }) };
}

/** The same reason, with remarks at the end of its text; the code says what was decided as before. */
export function withNotes(why: Reason, notes: readonly string[]): Reason {
  return notes.length === 0 ? why : { ...why, text: [why.text, ...notes].join('; ') };
}

const quoted = (value: string): string => JSON.stringify(value);

const notHolding = (clause: string, actual: string): string =>
  `${clause} does not hold, the value is ${actual === '' ? 'empty' : quoted(actual)}`;
