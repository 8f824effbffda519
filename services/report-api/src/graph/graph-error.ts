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
  412: 'PreconditionFailed',
  413: 'RequestEntityTooLarge',
  414: 'RequestUriTooLong',
  415: 'UnsupportedMediaType',
  417: 'ExpectationFailed',
  422: 'UnprocessableEntity',
  429: 'TooManyRequests',
  431: 'RequestHeaderFieldsTooLarge',
  503: 'ServiceUnavailable',
};

/** An error in the form that Graph clients read. */
export function graphError(
  { status, body }: Omit<ErrorAnswer, 'unexpected'>,
  requestId: string,
  clientId: string | null,
): { status: number; body: GraphError } {
  return {
    status,
    body: {
      error: {
        code: codes[status] ?? (status < 500 ? 'BadRequest' : 'InternalServerError'),
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
