import { hash } from 'node:crypto';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The trace of a change: its id without dashes, so that whoever reads one in the provisioning log can ask for the other. */
export const traceIdOf = (changeId: string): string =>
  uuid.test(changeId) ? changeId.replaceAll('-', '') : hash('sha256', changeId, 'hex').slice(0, 32);

/** The span of a step. */
export const spanIdOf = (key: string): string => hash('sha256', key, 'hex').slice(0, 16);

/**
 * Whether so large a share of all traces takes this one in: by the trace id alone, so that every service decides alike. The last seven bytes are
 * what the W3C holds to be random.
 */
export const isSampled = (traceId: string, share: number): boolean =>
  share >= 1 || (share > 0 && Number.parseInt(traceId.slice(18), 16) < share * 2 ** 56);
