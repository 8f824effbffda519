import type { LookupFunction } from 'node:net';

import { Pool } from 'undici';

import type { OpenOptions, RequestMade, TracedRequest } from '../connector.js';
import { ConnectorError, type ConnectorErrorFacts } from '../connector-error.js';
import type { NetworkPolicy } from '../network/address-policy.js';
import { guardedLookup, localNetwork, refusalIn } from '../network/guarded-lookup.js';
import { nextTurn, type RequestPace } from '../pace/request-pace.js';
import { masked } from '../shared/secrets.js';
import { classifyScimAnswer, excerpt, scimErrorOf } from './classify.js';
import type { ScimTargetConfig } from './config.js';
import type { ScimCredentials } from './credentials.js';
import { exchange, ExchangeFailure, type ExchangeLimits, type WireAnswer, type WireRequest } from './exchange.js';
import { isObject, type ScimObject } from './paths.js';

const maxBytes = 10 * 1_024 * 1_024;
const maxRedirects = 3;

export interface ScimClientOptions {
  readonly config: Pick<ScimTargetConfig, 'url' | 'concurrency' | 'headers' | 'traceparent'>;
  readonly credentials: ScimCredentials;
  readonly readOnly: boolean;
  readonly timeoutMs: number;
  readonly pace?: RequestPace | null | undefined;
  readonly network?: NetworkPolicy | undefined;
  readonly onRequest?: OpenOptions['onRequest'] | undefined;
  readonly beginRequest?: OpenOptions['beginRequest'] | undefined;
}

export interface ScimRequest {
  readonly method: WireRequest['method'];
  /** Below the base address, with its leading slash and encoded. */
  readonly path: string;
  readonly body?: ScimObject;
  /** A success that is too large to be read is a success: nobody needs to know what it says. */
  readonly skipsLargeAnswer?: boolean;
}

/** A success. `json` is null when the answer has no body. */
export interface ScimAnswer {
  readonly status: number;
  readonly headers: WireAnswer['headers'];
  readonly json: ScimObject | null;
}

/** The single place where requests to a SCIM target leave, failures are classified and a dry run is refused. */
export class ScimClient {
  private readonly pool: Pool;
  private readonly origin: string;
  private readonly base: string;
  private readonly readHeaders: string[];
  private readonly writeHeaders: string[];

  constructor(private readonly options: ScimClientOptions) {
    const url = new URL(options.config.url);
    this.origin = url.origin;
    this.base = url.pathname.replace(/\/+$/, '');
    this.readHeaders = ['accept', 'application/scim+json, application/json', ...Object.entries(options.config.headers ?? {}).flat()];
    this.writeHeaders = [...this.readHeaders, 'content-type', 'application/scim+json'];
    this.pool = new Pool(this.origin, {
      connections: options.config.concurrency,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: Math.min(options.timeoutMs, 10_000), lookup: guardedLookup(options.network ?? localNetwork) as LookupFunction },
    });
  }

  /** Host and path of the target, for people. */
  get address(): string {
    return `${new URL(this.origin).host}${this.base}`;
  }

  /** @throws ConnectorError unless the answer is a success with a JSON object or without a body */
  async send(request: ScimRequest, signal: AbortSignal): Promise<ScimAnswer> {
    if (this.options.readOnly && request.method !== 'GET') {
      throw new ConnectorError({
        kind: 'forbidden',
        code: 'read-only',
        message: `Nothing is written in a dry run: ${request.method} was not sent.`,
      });
    }
    const { credentials } = this.options;
    const authorization = await credentials.authorization();
    const answer = await this.sendAs(authorization, request, signal);
    // Whoever was not let in has changed nothing. A token may have been withdrawn before its end: another one, once.
    if (answer.status !== 401 || authorization === null || !credentials.refuse(authorization)) return this.read(request.method, answer);
    return this.read(request.method, await this.sendAs(await credentials.authorization(), request, signal));
  }

  private sendAs(authorization: string | null, request: ScimRequest, signal: AbortSignal): Promise<WireAnswer> {
    const headers = request.body ? this.writeHeaders : this.readHeaders;
    const wire: WireRequest = {
      method: request.method,
      path: this.base + request.path,
      headers: authorization === null ? headers : [...headers, 'authorization', authorization],
      body: request.body ? JSON.stringify(request.body) : null,
    };
    return this.follow(wire, request.skipsLargeAnswer ?? false, signal);
  }

  async close(): Promise<void> {
    await this.pool.destroy();
    await this.options.credentials.close();
  }

  /** Takes out everything that must not be seen. */
  redact(text: string): string {
    return masked(text, this.options.credentials.secrets);
  }

  // A redirect is followed to the same origin only: the token goes nowhere else.
  private async follow(first: WireRequest, skipsLargeAnswer: boolean, signal: AbortSignal): Promise<WireAnswer> {
    let wire = first;
    for (let hops = 0; ; hops += 1) {
      const answer = await this.attempt(wire, skipsLargeAnswer, signal);
      if (answer.status < 300 || answer.status > 399 || answer.status === 304) return answer;
      if (hops === maxRedirects)
        throw this.protocol('redirect-loop', `The target redirected more than ${maxRedirects} times.`, answer.status);
      wire = { ...wire, path: this.redirectPath(wire, answer) };
    }
  }

  private redirectPath(wire: WireRequest, answer: WireAnswer): string {
    const location = answer.headers['location'];
    const url =
      typeof location === 'string' && URL.canParse(location, this.origin + wire.path) ? new URL(location, this.origin + wire.path) : null;
    if (url?.origin === this.origin) return url.pathname + url.search;
    const where = url ? `to ${excerpt(url.origin, 120)}` : 'without saying where';
    throw this.protocol(
      'redirect-elsewhere',
      `The target redirects ${where}; the credentials stay here. Is the base address right?`,
      answer.status,
    );
  }

  private async attempt(wire: WireRequest, skipsLargeAnswer: boolean, signal: AbortSignal): Promise<WireAnswer> {
    try {
      return await this.sendOnce(wire, skipsLargeAnswer, signal);
    } catch (failure) {
      if (!isRepeatable(wire, failure)) throw this.failureOf(wire, failure);
    }
    try {
      return await this.sendOnce(wire, skipsLargeAnswer, signal);
    } catch (failure) {
      throw this.failureOf(wire, failure);
    }
  }

  private async sendOnce(wire: WireRequest, skipsLargeAnswer: boolean, signal: AbortSignal): Promise<WireAnswer> {
    const limits = { timeoutMs: this.options.timeoutMs, maxBytes, skipsLargeSuccess: skipsLargeAnswer };
    const { pace } = this.options;
    if (!pace) return this.exchange(wire, limits, signal);
    const asked = nextTurn(pace, wire.method === 'GET' ? 'read' : 'write', signal);
    const turn = asked instanceof Promise ? await asked : asked;
    let answer: WireAnswer | null = null;
    try {
      answer = await this.exchange(wire, limits, signal);
      return answer;
    } finally {
      turn.finish(answer);
    }
  }

  /** One request over the wire. @throws ExchangeFailure */
  private async exchange(wire: WireRequest, limits: ExchangeLimits, signal: AbortSignal): Promise<WireAnswer> {
    const beganAt = performance.now();
    const traced = this.options.beginRequest?.();
    const made = (outcome: RequestMade['outcome']): void => {
      const request = { system: new URL(this.origin).host, method: wire.method, outcome, ms: performance.now() - beganAt };
      this.options.onRequest?.(request);
      traced?.end(request);
    };
    try {
      const answer = await exchange(this.pool, this.told(wire, traced), limits, signal);
      made(answer.status);
      return answer;
    } catch (failure) {
      if (failure instanceof ExchangeFailure) made(failure.reason);
      throw failure;
    }
  }

  /** Other people's systems learn nothing of our traces unless the job says so. */
  private told(wire: WireRequest, traced: TracedRequest | undefined): WireRequest {
    if (!traced || !this.options.config.traceparent) return wire;
    return { ...wire, headers: [...wire.headers, 'traceparent', traced.traceparent] };
  }

  private failureOf(wire: WireRequest, failure: unknown): unknown {
    if (!(failure instanceof ExchangeFailure)) return failure; // the request was never made: whoever paces it said why
    const refused = refusalIn(failure);
    if (refused) return refused;
    const facts = classifyFailure(failure, wire.method !== 'GET', this.options.timeoutMs);
    // The failure itself may hold the bytes that came: what is kept of it are its words.
    return new ConnectorError({ ...facts, message: this.redact(facts.message) }, { cause: new Error(this.redact(wordsOf(failure))) });
  }

  private read(method: WireRequest['method'], answer: WireAnswer): ScimAnswer {
    const { status, headers, text } = answer;
    const isSuccess = status >= 200 && status < 300;
    if (isSuccess && (status === 204 || text.trim() === '')) return { status, headers, json: null };
    const json = isSuccess ? jsonObject(text) : null;
    if (json && !scimErrorOf(json).isError) return { status, headers, json };
    const facts = classifyScimAnswer(status, headers, this.redact(text), { isWrite: method !== 'GET' });
    if (facts) throw new AnswerError(facts, answer);
    if (method === 'DELETE' && !isHtml(text)) return { status, headers, json: null };
    throw this.notJson(method, answer);
  }

  private notJson(method: WireRequest['method'], { status, text }: WireAnswer): ConnectorError {
    const what = isHtml(text) ? 'an HTML page' : 'something that is no JSON object';
    const said = excerpt(this.redact(text), 120);
    if (method === 'POST' && status === 201 && !isHtml(text)) {
      return new ConnectorError({
        kind: 'unknown-outcome',
        code: 'unreadable-answer',
        message: `The target says created (201) but sent ${what}: ${said}`,
        status,
      });
    }
    return this.protocol('not-json', `The target answered ${status} with ${what}: ${said}`, status);
  }

  private protocol(code: string, message: string, status: number): ConnectorError {
    return new ConnectorError({ kind: 'protocol', code, message: this.redact(message), status });
  }
}

/** A refusal that the target put into words of its own. */
export class AnswerError extends ConnectorError {
  /** Whether the body is a SCIM error, and so comes from the service itself and not from something before it. */
  readonly isScim: boolean;

  constructor(facts: ConnectorErrorFacts, answer: WireAnswer) {
    super(facts);
    const json = jsonObject(answer.text);
    this.isScim = json !== null && scimErrorOf(json).isError;
  }
}

function jsonObject(text: string): ScimObject | null {
  try {
    const json: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

const isHtml = (text: string): boolean => /^\s*<(!doctype|html|head|body|\?xml)/i.test(text);

/** Only a read whose connection was lost; there is no other hidden retry. */
function isRepeatable(wire: WireRequest, failure: unknown): boolean {
  return wire.method === 'GET' && failure instanceof ExchangeFailure && failure.reason === 'connection' && failure.isSent;
}

/** What a missing answer means: a write that may have left may have taken effect. */
export function classifyFailure(failure: unknown, isWrite: boolean, timeoutMs: number): ConnectorErrorFacts {
  const { reason, isSent, isAnswered, cause } =
    failure instanceof ExchangeFailure ? failure : new ExchangeFailure('connection', isWrite, false, failure);
  const isOpen = isWrite && isSent;
  const end = isOpen ? '; the change may or may not have been made' : '';
  switch (reason) {
    case 'timeout':
      return {
        kind: isOpen ? 'unknown-outcome' : 'unavailable',
        code: 'timeout',
        message: `The target ${isAnswered ? 'did not finish its answer' : 'did not answer'} within ${timeoutMs} ms${end}.`,
      };
    case 'aborted':
      return {
        kind: isOpen ? 'unknown-outcome' : 'unavailable',
        code: 'aborted',
        message: `The request was given up before the target answered${end}.`,
      };
    case 'too-large':
      return {
        kind: isOpen ? 'unknown-outcome' : 'protocol',
        code: 'answer-too-large',
        message: `The target's answer is larger than ${maxBytes / 1_024 / 1_024} MiB${end}.`,
      };
    case 'not-http':
      return {
        kind: isOpen ? 'unknown-outcome' : 'protocol',
        code: 'not-http',
        message: `What came back is not HTTP (${messageOf(cause)})${end}.`,
      };
    default:
      return {
        kind: isOpen ? 'unknown-outcome' : 'unavailable',
        code: isSent ? 'connection-lost' : 'no-connection',
        message: `${isSent ? 'The connection to the target was lost' : 'The target cannot be reached'} (${messageOf(cause)})${end}.`,
      };
  }
}

const wordsOf = (failure: unknown): string =>
  failure instanceof ExchangeFailure ? `${failure.reason}: ${messageOf(failure.cause)}` : messageOf(failure);

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'no further word';
  const inner = cause instanceof AggregateError ? cause.errors.find((error) => error instanceof Error) : undefined;
  return excerpt(
    cause.message || (inner instanceof Error ? inner.message : '') || String((cause as NodeJS.ErrnoException).code ?? cause.name),
    200,
  );
}
