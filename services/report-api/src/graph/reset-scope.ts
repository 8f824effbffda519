import type { RestartScope } from '@provident/domain';

import { BadRequest } from '../http/bad-request.js';

/** Flags of Graph's `resetScope`, and what each of them is here. */
const flags: Readonly<Record<string, readonly RestartScope[]>> = {
  ConnectorDataStore: ['links'],
  Escrows: ['escrows'],
  Watermark: ['watermark'],
  QuarantineState: ['quarantine'],
  Full: ['links', 'escrows', 'watermark', 'quarantine'],
  ForceDeletes: ['removals'],
};
const byName = new Map(Object.entries(flags).map(([name, scopes]) => [name.toLowerCase(), scopes]));

/**
 * The scopes of a restart by a text such as `Watermark, Escrows`; an empty one leaves the choice to the restart.
 * @throws BadRequest for a flag that there is not, and for `None`, which Graph keeps for starting
 */
export function restartScopesOf(resetScope: string): RestartScope[] {
  const names = resetScope.split(',').map((name) => name.trim());
  const asked = names.filter((name) => name !== '').map((name) => name.toLowerCase());
  if (asked.includes('none')) throw new BadRequest('resetScope None resets nothing: to go on where the job was, use start');
  const scopes = asked.flatMap((name) => {
    const known = byName.get(name);
    if (!known) throw new BadRequest(`resetScope has no flag "${name}", only ${Object.keys(flags).join(', ')}`);
    return known;
  });
  return [...new Set(scopes)];
}
