/** Words for values of people that are not shown. */
export const unopenedTexts = {
  short: { sealed: 'sensitive: sealed', erased: 'erased', lost: 'sealed: its key is missing' },
  why: {
    sealed: 'This value is sensitive. Security administrators may have it shown.',
    erased: "The person's values were erased: they can be read nowhere any more.",
    lost: 'The key that opens this value is not in the vault of this installation.',
  },
  reveal: 'Show sensitive values',
  revealHint: 'That you looked is recorded in the audit log.',
  personErased: "This person's values were erased. What was done, when and why, stays.",
} as const;
