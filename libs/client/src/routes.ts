import type { Route, Routes } from '@provident/contracts';
import type { z } from 'zod';

/** Names of the parameters in a path such as `/jobs/:jobId`. */
type ParameterOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

type PathOf<Each extends Route> =
  ParameterOf<Each['path']> extends never ? unknown : { readonly path: Record<ParameterOf<Each['path']>, string> };

/** Numbers and truths are written as text on their way. */
type Written<Value> = string extends Value ? string | number | boolean : Value;
type QueryOf<Each extends Route> = Each extends { readonly query: infer Query extends z.ZodObject }
  ? Each extends { readonly query: { readonly shape: infer Shape } }
    ? keyof Shape extends never
      ? unknown
      : Partial<z.input<Query>> extends z.input<Query>
        ? { readonly query?: { [Name in keyof z.input<Query>]?: Written<NonNullable<z.input<Query>[Name]>> | undefined } }
        : { readonly query: { [Name in keyof z.input<Query>]: Written<z.input<Query>[Name]> } }
    : unknown
  : unknown;

type BodyOf<Each extends Route> = Each extends { readonly body: infer Body extends z.ZodType }
  ? Each extends { readonly isBodyOptional: true }
    ? { readonly body?: z.input<Body> }
    : { readonly body: z.input<Body> }
  : unknown;

/** What a request of a route needs. */
export type Request<Name extends keyof Routes> = PathOf<Routes[Name]> &
  QueryOf<Routes[Name]> &
  BodyOf<Routes[Name]> & { readonly signal?: AbortSignal };

/** The request may be left out where nothing in it is needed. */
export type RequestArguments<Name extends keyof Routes> =
  object extends Request<Name> ? [request?: Request<Name>] : [request: Request<Name>];

/** What a route answers. */
export type Answer<Name extends keyof Routes> = Routes[Name] extends { readonly answer: infer Schema extends z.ZodType }
  ? z.infer<Schema>
  : undefined;

/** Routes that answer in JSON, or with nothing. */
export type CallRoute = { [Name in keyof Routes]: Routes[Name] extends { readonly media: unknown } ? never : Name }[keyof Routes];
/** Routes that answer with anything else. */
export type StreamRoute = Exclude<keyof Routes, CallRoute>;
