import type { Failure } from '../object/failure.js';

const byCode: Readonly<Record<string, string>> = {
  'duplicate-target-entries': 'Several accounts carry the matching value: remove all but one, or match by an attribute that is unique.',
  'duplicate-source-entries': 'Two people match one account: make the matching value unique in the source, or correct one of them.',
  'http-400-mutability':
    'The target does not let this attribute be changed: take it out of the mapping, or map it with "apply: on-create".',
  'http-400-invalid-path': 'The target does not know a mapped attribute: correct the target path of the mapping.',
  'http-400-no-target': 'The target does not know a mapped attribute or value of a list: correct the target path of the mapping.',
  'http-405': 'The target does not offer this operation: leave it out of "actions", or have it allowed there.',
  'http-413': 'The target takes no values this large: map fewer or shorter ones.',
  'http-501': 'The target does not offer this operation: leave it out of "actions".',
};

const byKind: Readonly<Record<Failure['kind'], string>> = {
  throttled: 'Nothing to do: the target asked to slow down, and it is tried again.',
  unavailable: 'See whether the target is up and can be reached; as soon as it answers again, these are tried again by themselves.',
  rejected:
    'Correct the value in the source or the mapping that computes it, or the rule of the target that refuses it; then retry this cause.',
  conflict:
    'A unique value is taken by another account: correct it in the source or the target, or match by it so that the account is adopted.',
  gone: 'The linked account no longer exists in the target: restore it there, or have it created anew by removing the link.',
  unauthorized: 'Renew the credentials that the job refers to; the connection is probed and the job goes on by itself.',
  forbidden: 'The account that Provident uses may not do this: grant the right in the target, then retry this cause.',
  protocol: 'The answer is not what the interface promises: check the address of the target, and what stands between it and Provident.',
  'unknown-outcome': 'No answer came, and the write may have taken effect: nothing to do, it is looked up before it is tried again.',
  misconfigured: "The job's settings cannot work: correct them and apply the file.",
  'invalid-source': 'The record cannot be used as it stands: correct it in the source.',
  'ambiguous-match': 'Several objects match: make the matching value unique, or match by another attribute.',
  'missing-values': 'A required value is missing: fill it in the source, give the mapping a default, or do not require it.',
};

/** What an administrator can do about failures of a kind, in a sentence; the code says it more closely where it can. */
export function remedyOf({ kind, code }: Pick<Failure, 'kind' | 'code'>): string {
  return (Object.hasOwn(byCode, code) ? byCode[code] : undefined) ?? byKind[kind];
}
