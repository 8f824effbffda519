import type { ConnectorErrorFacts, ConnectorErrorKind } from '../connector-error.js';
import { type AnswerHeaders, readRateHeaders } from '../shared/rate-headers.js';

/** What the classification may depend on besides the answer. */
export interface ClassifyContext {
  /** Whether the request was meant to change something. */
  readonly isWrite?: boolean;
  /** Milliseconds since the epoch, for a Retry-After that names a date. */
  readonly now?: number;
}

const kinds: Readonly<Record<number, ConnectorErrorKind>> = {
  400: 'rejected',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'gone',
  405: 'forbidden',
  406: 'protocol',
  408: 'unavailable',
  409: 'conflict',
  410: 'gone',
  412: 'unavailable',
  413: 'rejected',
  414: 'rejected',
  415: 'protocol',
  422: 'rejected',
  425: 'unavailable',
  429: 'throttled',
  431: 'rejected',
  501: 'forbidden',
};
/** Said by what stands in front of the target: the request has left it, and what became of it there nobody knows. */
const lostBehindGateway: ReadonlySet<number> = new Set([502, 504, 520, 522, 524, 598, 599]);
const scimTypes: Readonly<Record<string, string>> = {
  invalidfilter: 'invalid-filter',
  toomany: 'too-many',
  uniqueness: 'uniqueness',
  mutability: 'mutability',
  invalidsyntax: 'invalid-syntax',
  invalidpath: 'invalid-path',
  notarget: 'no-target',
  invalidvalue: 'invalid-value',
  invalidvers: 'invalid-version',
  sensitive: 'sensitive',
};
const sayings: Readonly<Record<ConnectorErrorKind, string>> = {
  throttled: 'The target asks to slow down',
  unavailable: 'The target is not available',
  rejected: 'The target refused the values',
  conflict: 'The target says that a unique value is taken',
  gone: 'The target has no such object',
  unauthorized: 'The target does not accept the credentials',
  forbidden: 'The target does not allow this',
  protocol: 'The target did not answer as SCIM promises',
  'unknown-outcome': 'The target may or may not have done this',
  misconfigured: 'The target cannot be asked like this',
};

/**
 * Why an answer is a failure, or null when its status says success. Pure; bodies of successes are judged by whoever reads them.
 * @param body the answer's text as it came
 */
export function classifyScimAnswer(
  status: number,
  headers: AnswerHeaders,
  body: string,
  context: ClassifyContext = {},
): ConnectorErrorFacts | null {
  const error = readScimError(body);
  const actual = status >= 200 && status < 300 && error?.isError ? (error.status ?? 500) : status;
  if (actual >= 200 && actual < 300) return null;

  const told = readRateHeaders(headers, context.now ?? Date.now());
  const retryAfterMs = told.retryAfterMs ?? (actual === 429 ? told.resetMs : undefined);
  const kind = kindOf(actual, error, retryAfterMs !== undefined, context.isWrite === true);
  const attribute = attributeIn(error?.detail);
  return {
    kind,
    code: codeOf(actual, error),
    message: `${sayings[kind]} (${status}${error?.scimType ? ` ${error.scimType}` : ''})${wordsOf(error, body)}`,
    status,
    ...(kind === 'throttled' && retryAfterMs !== undefined && { retryAfterMs }),
    ...(attribute !== undefined && { attribute }),
  };
}

function kindOf(status: number, error: ScimError | null, saysWhen: boolean, isWrite: boolean): ConnectorErrorKind {
  const type = error?.scimType?.toLowerCase();
  if (status === 400 || status === 500) if (type === 'uniqueness' || isTaken(error?.detail)) return 'conflict';
  if ((status === 400 || status === 403) && (type === 'invalidfilter' || type === 'toomany')) return 'misconfigured';
  if (status === 503 && saysWhen) return 'throttled';
  if (isWrite && lostBehindGateway.has(status)) return 'unknown-outcome';
  return kinds[status] ?? (status >= 500 ? 'unavailable' : status >= 400 ? 'rejected' : 'protocol');
}

function codeOf(status: number, error: ScimError | null): string {
  const type = status === 400 || status === 403 ? scimTypes[error?.scimType?.toLowerCase() ?? ''] : undefined;
  return type ? `http-${status}-${type}` : `http-${status}`;
}

/** Some servers tell a taken value by their words alone. */
const isTaken = (detail = ''): boolean =>
  /already (exists|in use|taken|registered)|duplicate (key|entry|value)|(must be|not) unique/i.test(detail);

// ---------------------------------------------------------------- the target's own words

export interface ScimError {
  /** Whether the body calls itself an error, or has nothing but an error's members. */
  readonly isError: boolean;
  readonly status: number | undefined;
  readonly scimType: string | undefined;
  readonly detail: string | undefined;
}

/** The error that a body tells of, in SCIM's form or close to it; null when it is no JSON object. */
export function readScimError(body: string): ScimError | null {
  if (!/^\s*\{/.test(body)) return null;
  try {
    return scimErrorOf(JSON.parse(body) as Record<string, unknown>);
  } catch {
    return null;
  }
}

/** The same of a body that is parsed already. */
export function scimErrorOf(json: Readonly<Record<string, unknown>>): ScimError {
  const schemas = Array.isArray(json['schemas']) ? json['schemas'] : [json['schemas']];
  const status = Number(json['status'] ?? Number.NaN);
  return {
    isError: schemas.some((urn) => typeof urn === 'string' && /messages:2\.0:Error$/i.test(urn)),
    status: Number.isInteger(status) && status >= 300 && status < 600 ? status : undefined,
    scimType: textIn(json, 'scimType'),
    detail: textIn(json, 'detail') ?? textIn(json, 'message') ?? textIn(json, 'error_description') ?? textIn(json, 'error'),
  };
}

function textIn(json: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = json[key];
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? textIn(value as Record<string, unknown>, 'message')
    : undefined;
}

function wordsOf(error: ScimError | null, body: string): string {
  if (error?.detail) return `: ${excerpt(error.detail, 300)}`;
  const said = excerpt(body, 120);
  return said === '' ? '.' : `: ${said}`;
}

/** The beginning of a text on one line, without control characters. */
export function excerpt(text: string, length: number): string {
  const line = text
    .slice(0, length * 4)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}

function attributeIn(detail = ''): string | undefined {
  return /\battribute\s+['"“]?((?:urn:[\w:.-]+:)?[A-Za-z][\w.$-]{0,80})['"”]/i.exec(detail)?.[1];
}
