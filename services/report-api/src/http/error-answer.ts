import { HttpException } from '@nestjs/common';
import { BadRowCursor } from '@provident/bus';
import type { CommandAnswer, ErrorView } from '@provident/contracts';
import { BadCursor, BadQuery, NotFound } from '@provident/report';
import { VaultUnusable } from '@provident/vault';

import { NotAllowed, NotSignedIn, SignInAway } from '../access/refusals.js';
import { NameTaken } from '../access/token-store.js';
import { CommandUnanswered } from '../ports.js';
import { BadRequest } from './bad-request.js';
import { AskerGone } from './askers.js';
import { Outdated } from './precondition.js';
import { TooManyRequests } from './turns.js';

/** A command was understood and not carried out. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
  constructor(readonly answer: CommandAnswer) {
    super(answer.message);
  }
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorView;
  /** Nobody expected this: it is written to the service's log, and the answer says nothing of it. */
  readonly unexpected: boolean;
}

const answer = (status: number, code: string, message: string, issues?: readonly unknown[], state?: unknown): ErrorAnswer => ({
  status,
  body: {
    error: { code, message, ...(issues && issues.length > 0 && { issues: [...issues] }), ...(typeof state === 'string' && { state }) },
  },
  unexpected: false,
});

/** What the outside is told of an error: never more than it can use. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof NotSignedIn) return answer(401, 'not-signed-in', error.message);
  if (error instanceof NotAllowed) return answer(403, 'not-allowed', error.message);
  if (error instanceof SignInAway) return answer(503, 'no-issuer', error.message);
  if (error instanceof NameTaken) return answer(409, 'refused', error.message);
  if (error instanceof BadRequest) return answer(400, 'bad-request', error.message, error.issues);
  if (error instanceof BadQuery)
    return answer(400, 'bad-query', error.message, [{ path: [error.option], message: error.message, at: error.at }]);
  if (error instanceof TooManyRequests) return answer(429, 'too-many-requests', error.message);
  if (error instanceof BadRowCursor) return answer(400, 'bad-cursor', error.message);
  if (error instanceof BadCursor) return answer(400, 'bad-cursor', error.message);
  if (error instanceof NotFound) return answer(404, 'not-found', error.message);
  if (error instanceof CommandRefused) {
    const { message, issues, result } = error.answer;
    return issues.length > 0 ? answer(422, 'job-refused', message, issues) : answer(409, 'refused', message, [], result['state']);
  }
  if (error instanceof Outdated) return answer(412, 'outdated', error.message);
  if (error instanceof AskerGone) return answer(499, 'asker-gone', error.message);
  if (error instanceof VaultUnusable) return answer(503, 'vault-unusable', error.message);
  if (error instanceof CommandUnanswered) return answer(503, 'no-answer', error.message);
  return (
    fromFramework(error) ??
    fromDatabase(error) ?? {
      ...answer(500, 'internal', 'something went wrong inside; the log of report-api says more under this x-request-id'),
      unexpected: true,
    }
  );
}

const codes: Readonly<Record<number, string>> = {
  400: 'bad-request',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'too-large',
  414: 'too-large',
  415: 'unsupported-media-type',
  503: 'unavailable',
};

/** Refusals of Nest and Fastify themselves: no such path, a body that is too large or no JSON. */
function fromFramework(error: unknown): ErrorAnswer | null {
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  const status = error instanceof HttpException ? error.getStatus() : statusCode;
  if (typeof status !== 'number' || status < 400 || (status >= 500 && status !== 503)) return null;
  return answer(status, codes[status] ?? `http-${status}`, String(message));
}

/** A value that Postgres cannot hold at all, such as a text with a NUL in an identifier. */
const notAValue = new Set(['22021', '22P05', '22003', '22008']);
const notThere = new Set(['42P01', '3F000']);
const away = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', '57P01', '57P03', '53300']);

function fromDatabase(error: unknown): ErrorAnswer | null {
  const code = String((error as { code?: unknown }).code);
  if (notThere.has(code)) return answer(503, 'not-ready', 'the read models are not there yet: is the audit-projector running?');
  if (notAValue.has(code)) return answer(400, 'bad-request', 'a value in the request is none that could ever be stored');
  // Answered by 503, it would be asked again.
  if (code === '57014') return answer(400, 'too-slow', 'the question took too long: narrow it down by job or time');
  if (away.has(code) || /connection terminated|timeout exceeded when trying to connect/i.test(String((error as Error).message)))
    return answer(503, 'no-database', 'the database does not answer');
  return null;
}
