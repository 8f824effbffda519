import { ErrorView, EventView, type Route, routes } from '@provident/contracts';

import { ApiRefusal, ApiUnreachable, UnexpectedAnswer } from './errors.js';
import { readLines } from './read-lines.js';
import type { Answer, CallRoute, Request, RequestArguments, StreamRoute } from './routes.js';

export interface ClientOptions {
  /** Where the API is, such as `http://127.0.0.1:8730`. */
  readonly url: string;
  /** An API token, or an access token of the installation's issuer. */
  readonly token?: string | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long an answer may take; streams may take for ever. */
  readonly timeoutMs?: number;
}

interface Asked {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** The API, route by route. */
export class ProvidentClient {
  constructor(private readonly options: ClientOptions) {}

  /**
   * Asks a route, and gives its answer, checked against the route's schema.
   * @throws ApiRefusal, ApiUnreachable, UnexpectedAnswer
   */
  async call<Name extends CallRoute>(name: Name, ...[request]: RequestArguments<Name>): Promise<Answer<Name>> {
    const route: Route = routes[name];
    const response = await this.send(route, (request ?? {}) as Asked, this.options.timeoutMs ?? 30_000);
    if (!response.ok) throw await refusalOf(response);
    if (!route.answer) return undefined as Answer<Name>;
    const parsed = route.answer.safeParse(parseJson(await response.text()));
    if (parsed.success) return parsed.data as Answer<Name>;
    const [issue] = parsed.error.issues;
    throw new UnexpectedAnswer(this.options.url, `${issue?.path.join('.') || 'answer'}: ${issue?.message}`);
  }

  /**
   * Asks a route that answers with something else than JSON; its answer is not read yet.
   * @throws ApiRefusal, ApiUnreachable
   */
  async stream<Name extends StreamRoute>(name: Name, ...[request]: RequestArguments<Name>): Promise<Response> {
    const response = await this.send(routes[name], (request ?? {}) as Asked, null);
    if (!response.ok) throw await refusalOf(response);
    return response;
  }

  /** Events as they are appended; ends when the API ends it or the signal says so. @throws as `stream`, and UnexpectedAnswer */
  async *follow(query: NonNullable<Request<'follow'>['query']>, signal?: AbortSignal): AsyncGenerator<EventView> {
    const { body } = await this.stream('follow', { query, ...(signal && { signal }) });
    if (!body) return;
    for await (const line of readLines(body)) {
      if (!line.startsWith('data:')) continue;
      const event = EventView.safeParse(parseJson(line.slice('data:'.length)));
      if (!event.success) throw new UnexpectedAnswer(this.options.url, `event: ${event.error.issues[0]?.message}`);
      yield event.data;
    }
  }

  private async send({ method, path, body: bodySchema }: Route, asked: Asked, timeoutMs: number | null): Promise<Response> {
    const url = new URL(filled(path, asked.path ?? {}), this.options.url);
    for (const [name, value] of Object.entries(asked.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
    const { token } = this.options;
    const hasBody = bodySchema !== undefined && asked.body !== undefined;
    const signals = [...(asked.signal ? [asked.signal] : []), ...(timeoutMs === null ? [] : [AbortSignal.timeout(timeoutMs)])];
    try {
      return await fetch(url, {
        method,
        headers: {
          ...this.options.headers,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(hasBody && { 'content-type': 'application/json' }),
        },
        ...(hasBody && { body: JSON.stringify(asked.body) }),
        ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
      });
    } catch (cause) {
      if (asked.signal?.aborted) throw cause;
      throw new ApiUnreachable(this.options.url, cause instanceof Error && cause.name === 'TimeoutError', { cause });
    }
  }
}

/** A path with its parameters filled in. */
const filled = (path: string, parameters: Readonly<Record<string, string>>): string =>
  path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function refusalOf(response: Response): Promise<ApiRefusal> {
  const json = parseJson(await response.text());
  const known = ErrorView.safeParse(json);
  if (!known.success)
    return new ApiRefusal(response.status, `http-${response.status}`, `the API answers with HTTP status ${response.status}`, []);
  const { code, message, issues = [] } = known.data.error;
  return new ApiRefusal(response.status, code, message, issues);
}
