/** Words of the link between a person or group and the account. */
export const linkTexts = {
  linkedTo: 'Linked to',
  nothing: 'no account',
  mend: 'Mend link…',
  title: (name: string) => `Link of ${name}`,
  lead: (account: string | null) =>
    account === null
      ? 'Provident keeps no account in step with this object.'
      : `Provident keeps the account ${account} in step with this object.`,
  what: 'What should happen',
  remove: 'Take the link away',
  removeText:
    'Neither the object nor the account is changed. The next cycle looks for the account by the matching rules, as if it came for the first time: if they still find the wrong one, correct the data or the rules first.',
  repair: 'Link to another account',
  repairText:
    'The account has to exist, and to be linked to nobody else. The next cycle brings it in step with the source. The account that was linked before stays as it is.',
  by: 'The account, by',
  byId: 'its id in the target',
  byValue: 'the value of its matching attribute',
  account: 'Account',
  working: 'The target is asked…',
  confirmRemove: 'Take the link away',
  confirmRepair: 'Link',
} as const;
