/** Words of what helps, by reason or code. */
export const adviceTexts = {
  'mandatory-fields-missing': 'A required attribute has no value. Fill it in at the source, or give the mapping a default.',
  'no-matching-value': 'Without a value for the matching attribute the account cannot be looked for. Fill it in at the source.',
  'duplicate-target-entries': 'Several accounts match. Remove the doubles in the target, or match by a more exact attribute.',
  'invalid-anchor':
    'The account that was linked is gone from the target. Restore it there, or take the link away on the page of the person: then it is looked for anew, and made if there is none.',
  'expression-failed': 'The expression of a mapping fails for this person. Try it with the values of the import step.',
  'out-of-scope': 'No scoping filter takes this person in. If that is wrong, correct the value at the source or the filter in the job.',
  'not-active': 'The source says that this person is not active. If that is wrong, correct it there.',
  'redundant-export': 'Source and target agree already; nothing had to be written.',
  conflict: 'The target already has an object with this value. Find it there, and merge or rename one of them.',
  unauthorized: 'The target does not accept the credentials. Renew the token that the job refers to.',
  forbidden: 'The credentials are good, and not allowed to do this. Grant the right in the target.',
  throttled: 'The target asks for patience. It is tried again by itself.',
  unavailable: 'The target did not answer in time, or with an error of its own. It is tried again by itself.',
  rejected:
    'The target refused the values, for the reason given above. Correct them at the source or in the mapping; the next change, or the retry, goes through.',
  'invalid-source': 'The record cannot be used as it stands. Correct it at the source, at the place given above.',
  gone: 'The account is no longer in the target. It is not created again without a decision.',
  'missing-values': 'A required attribute has no value. Fill it in at the source, or give the mapping a default.',
  'ambiguous-match': 'Several accounts match. Remove the doubles in the target, or match by a more exact attribute.',
  held: 'More removals than the job allows came in one cycle. Look at the names, then release them on the page of the job.',
  escrow: 'Failed objects are tried again by themselves, less and less often, and at once when they change in the source.',
  unknown: 'The words of the system above are all that is known. Correct what they name; it is tried again by itself.',
} as Record<string, string>;
