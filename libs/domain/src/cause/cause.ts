import type { Failure } from '../object/failure.js';
import { normaliseError } from './normalise-error.js';

/** What was being done when it failed. */
export type Operation = 'import' | 'evaluate' | 'create' | 'update' | 'disable' | 'delete';

/** Why objects fail, without which: the same for everybody who fails for one reason. Holds no value of anybody. */
export interface Cause {
  /** The failure's code and a hash, such as `http-409-1k2x9sd0ab`. The same cause has the same id in every job and for ever. */
  readonly id: string;
  readonly operation: Operation;
  readonly attribute: string | null;
  /** The error in the system's own words, with `…` for what differs from object to object. */
  readonly text: string;
}

export interface FailedOperation {
  readonly operation: Operation;
  readonly failure: Failure;
  /** Values of the object, as texts: taken out of the words. */
  readonly values?: readonly string[];
  /** Attributes that the operation wrote: their names stay in the words. */
  readonly attributes?: readonly string[];
}

/** So much of the words tells causes apart: what a target cuts off at the end, it cuts off at another place for each value. */
const telling = 80;

/** The root cause of a failure: operation, kind, code, attribute and normalised words. A job has one target, which therefore is no part of it. */
export function causeOf({ operation, failure, values = [], attributes = [] }: FailedOperation): Cause {
  const { kind, code, message, status, attribute = null } = failure;
  const text = normaliseError(message, {
    values,
    names: attribute === null ? attributes : [attribute, ...attributes],
    numbers: status === undefined ? [] : [status],
  });
  const key = [operation, kind, code, attribute?.toLowerCase() ?? '', text.slice(0, telling).toLowerCase()].join('\n');
  return { id: `${slugOf(code)}-${hashOf(key)}`, operation, attribute, text };
}

/** The cause of a failure of which nothing else is known, as in logs of older versions: the operation follows from the failure. */
export function causeOfFailure(failure: Failure): Cause {
  const { kind } = failure;
  const operation = kind === 'invalid-source' ? 'import' : kind === 'ambiguous-match' || kind === 'missing-values' ? 'evaluate' : 'update';
  return causeOf({ operation, failure });
}

const slugOf = (code: string): string =>
  code
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40) || 'failure';

/** Two FNV-1a runs of 32 bits over UTF-16 units: tells the few hundred causes of a job apart, and needs nothing but arithmetic. */
function hashOf(text: string): string {
  const run = (seed: number): number => {
    let hash = seed;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    return hash >>> 0;
  };
  return `${run(0x811c9dc5).toString(36)}${run(0x2f0b4c47).toString(36)}`;
}
