import type { GraphError } from '@provident/contracts';

import type { ErrorAnswer } from '../http/error-answer.js';

const codes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'InvalidAuthenticationToken',
  403: 'Authorization_RequestDenied',
  404: 'Request_ResourceNotFound',
  405: 'MethodNotAllowed',
  408: 'RequestTimeout',
  409: 'Conflict',
  413: 'RequestEntityTooLarge',
  414: 'RequestUriTooLong',
  415: 'UnsupportedMediaType',
  417: 'ExpectationFailed',
  422: 'UnprocessableEntity',
  429: 'TooManyRequests',
  431: 'RequestHeaderFieldsTooLarge',
  503: 'ServiceUnavailable',
};

/** An error in the form that Graph clients read. A question that takes too long is the asker's to mend: answered by 503, it would be repeated. */
export function graphError(
  { status, body }: Omit<ErrorAnswer, 'unexpected'>,
  requestId: string,
  clientId: string | null,
): { status: number; body: GraphError } {
  const isTooSlow = body.error.code === 'too-slow';
  const shown = isTooSlow ? 400 : status;
  return {
    status: shown,
    body: {
      error: {
        code: codes[shown] ?? (shown < 500 ? 'BadRequest' : 'InternalServerError'),
        message: body.error.message,
        innerError: {
          date: new Date().toISOString().slice(0, 19),
          'request-id': requestId,
          'client-request-id': clientId ?? requestId,
        },
      },
    },
  };
}
