import type { Initiator } from '@provident/contracts';

/** Nobody is asked who they are yet: whoever can reach the API is on this machine, or was let in by somebody who is. */
export const localUser: Initiator = { kind: 'user', name: 'local' };
