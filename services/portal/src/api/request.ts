import { ErrorView, type Issue } from '@provident/contracts/http';
import type { z } from 'zod';

import { bearer } from './session.js';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** A request that brought nothing usable. `unreachable`: asking again may help; `refused`: the server says why; `strange`: another server, or another version. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  constructor(
    readonly kind: 'unreachable' | 'refused' | 'strange',
    message: string,
    /** HTTP status; 0 when nothing answered. */
    readonly status: number,
    readonly issues: readonly Issue[] = [],
  ) {
    super(message);
  }
}

const timeoutMs = 30_000;

/** A path of the API with its parameters filled in. */
export function at(path: string, parameters: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
}

export interface Reading {
  /** Sensitive values are shown, too, where who asks may see them; that they were is recorded. */
  readonly reveals?: boolean;
}

/** @throws ApiProblem; the signal's reason when it was given up */
export async function getJson<Schema extends z.ZodType>(
  schema: Schema,
  path: string,
  query: Query,
  signal?: AbortSignal,
  { reveals = false }: Reading = {},
): Promise<z.infer<Schema>> {
  const response = await send(withQuery(path, query), reveals ? { headers: { 'provident-reveal': 'sealed' } } : {}, signal);
  return checked(schema, await bodyOf(response));
}

/** @throws ApiProblem */
export async function deleteJson<Schema extends z.ZodType>(schema: Schema, path: string): Promise<z.infer<Schema>> {
  return checked(schema, await bodyOf(await send(path, { method: 'DELETE' })));
}

/** @throws ApiProblem, whose issues are those of the job file when there are any */
export const postJson = <Schema extends z.ZodType>(schema: Schema, path: string, body: object): Promise<z.infer<Schema>> =>
  sendJson('POST', schema, path, body);

/** @throws ApiProblem */
export const putJson = <Schema extends z.ZodType>(schema: Schema, path: string, body: object): Promise<z.infer<Schema>> =>
  sendJson('PUT', schema, path, body);

async function sendJson<Schema extends z.ZodType>(
  method: 'POST' | 'PUT',
  schema: Schema,
  path: string,
  body: object,
): Promise<z.infer<Schema>> {
  const response = await send(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return checked(schema, await bodyOf(response));
}

export function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** @throws ApiProblem when it is not answered with success */
export async function send(url: string, init: RequestInit, signal?: AbortSignal, patienceMs = timeoutMs): Promise<Response> {
  const patience = AbortSignal.timeout(patienceMs);
  let response: Response;
  try {
    response = await fetch(url, { ...signed(init), signal: signal ? AbortSignal.any([signal, patience]) : patience });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiProblem('unreachable', cause instanceof Error ? cause.message : String(cause), 0);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

/** The same with the proof of who asks. */
export function signed(init: RequestInit): RequestInit {
  const token = bearer();
  return token === null ? init : { ...init, headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` } };
}

async function refusal(response: Response): Promise<ApiProblem> {
  const said = ErrorView.safeParse(await bodyOf(response));
  const kind = response.status >= 500 ? 'unreachable' : 'refused';
  if (!said.success) return new ApiProblem(kind, `HTTP ${response.status}`, response.status);
  return new ApiProblem(kind, said.data.error.message, response.status, (said.data.error.issues ?? []) as Issue[]);
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function checked<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ApiProblem('strange', issue ? `${issue.path.join('.')}: ${issue.message}` : '', 200);
}
