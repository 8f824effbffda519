/** The person of `deploy/examples/people.csv` whom the sample target never takes, so that a failure can be looked at. */
const refused = 'rita.mahoney@example.com';

/** The sample target's words for that person; null takes everybody else. */
export const refuseOnPurpose = (userName: string): string | null =>
  userName.toLowerCase() === refused ? `${refused} is on this sample target's blocked list; ask its administrator.` : null;
