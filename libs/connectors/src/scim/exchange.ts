import type { Dispatcher, Pool } from 'undici';

/** One request as it goes over the wire. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: string[];
  readonly body: string | null;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** Why there was no whole answer. */
export class ExchangeFailure extends Error {
  override readonly name = 'ExchangeFailure';

  constructor(
    readonly reason: 'timeout' | 'aborted' | 'too-large' | 'not-http' | 'connection',
    /** Whether a byte of the request may have left. */
    readonly isSent: boolean,
    /** Whether the head of an answer came. */
    readonly isAnswered: boolean,
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}

export interface ExchangeLimits {
  /** From the moment the request leaves to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** A success with a larger body is taken for one without. */
  readonly skipsLargeSuccess?: boolean;
}

/**
 * Sends a request and waits for the whole answer, whatever it says.
 * Written against undici's dispatcher because it tells when a request starts to leave: that decides whether a lost write may have taken effect.
 * @throws ExchangeFailure and nothing else
 */
export function exchange(pool: Pool, request: WireRequest, limits: ExchangeLimits, signal: AbortSignal): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const running = new Exchange(limits, signal, resolve, reject);
    if (signal.aborted) return running.fail('aborted', signal.reason);
    signal.addEventListener('abort', running.onAbort);
    try {
      pool.dispatch(request, running);
    } catch (cause) {
      running.fail('connection', cause);
    }
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;
  private timer: NodeJS.Timeout | undefined;
  private status = 0;
  private headers: WireAnswer['headers'] = {};
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private isDone = false;

  constructor(
    private readonly limits: ExchangeLimits,
    private readonly signal: AbortSignal,
    private readonly resolve: (answer: WireAnswer) => void,
    private readonly reject: (failure: ExchangeFailure) => void,
  ) {}

  readonly onAbort = (): void => this.fail('aborted', this.signal.reason);

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isDone) return controller.abort(new Error('given up'));
    this.controller = controller;
    this.timer = setTimeout(() => this.fail('timeout'), this.limits.timeoutMs);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: WireAnswer['headers']): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes <= this.limits.maxBytes) return void this.chunks.push(chunk);
    if (!this.limits.skipsLargeSuccess || this.status < 200 || this.status > 299) return this.fail('too-large');
    this.chunks.length = 0;
  }

  onResponseEnd(): void {
    if (this.isDone) return;
    this.settle();
    const body = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    this.resolve({ status: this.status, headers: this.headers, text: body.toString('utf8') });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: Error): void {
    const isParserError = cause.name === 'HTTPParserError' || ('code' in cause && String(cause.code).startsWith('HPE_'));
    this.fail(isParserError ? 'not-http' : 'connection', cause);
  }

  fail(reason: ExchangeFailure['reason'], cause?: unknown): void {
    if (this.isDone) return;
    this.settle();
    const failure = new ExchangeFailure(reason, this.controller !== null, this.status !== 0, cause);
    this.reject(failure);
    this.controller?.abort(failure);
  }

  private settle(): void {
    this.isDone = true;
    clearTimeout(this.timer);
    this.signal.removeEventListener('abort', this.onAbort);
  }
}
