/** Words of who is told of a job's health. */
export const notifyTexts = {
  title: 'Notifications',
  lead: 'These are told when the job enters quarantine, when the reason changes, when it leaves, and when it is disabled. Whether they were told stands on the summary.',
  email: 'E-mail to',
  emailHint: 'One or more addresses. The mail server belongs to the settings of the installation.',
  url: 'Webhook',
  urlHint: 'An address that takes signed notices as JSON.',
  place: 'Signed with',
  places: { secret: 'a secret of the vault', env: 'an environment variable', file: 'a file' },
  name: 'Name or path of the secret',
  nameHint: 'Only where it lies; its value is never part of a job.',
  apply: 'Save notifications',
} as const;
