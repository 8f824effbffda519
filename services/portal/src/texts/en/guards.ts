/** Words of the limits that hold removals. */
export const guardsTexts = {
  removals: 'Removals of all kinds',
  disables: 'Accounts to disable',
  deletes: 'Accounts to delete',
  memberships: 'Memberships to end',
  group: 'Members of one group',
  source: 'The source has shrunk',
} as const;
