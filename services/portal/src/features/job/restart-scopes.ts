import { type RestartScope, restartScopes } from '../../api/restart-job.js';

/** What a restart lets go of when nobody says otherwise: links and held removals stay. */
export const usual: readonly RestartScope[] = ['watermark', 'escrows', 'quarantine'];

/** What can make second accounts or remove accounts. */
export const harmful: ReadonlySet<RestartScope> = new Set(['links', 'removals']);

/** What is asked of the server, with what comes along anyway, in the order in which it is explained. */
export const scopesToAsk = (chosen: ReadonlySet<RestartScope>): RestartScope[] =>
  restartScopes.filter((scope) => chosen.has(scope) || (scope === 'watermark' && chosen.has('links')));
