/** As much of the OpenID provider as the tests use: it comes without types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  interface Context {
    readonly path: string;
    readonly method: string;
    readonly oidc?: { readonly params?: Readonly<Record<string, unknown>> };
  }

  interface Configuration {
    readonly clients: readonly Readonly<Record<string, unknown>>[];
    readonly jwks: { readonly keys: readonly object[] };
    readonly cookies: { readonly keys: readonly string[] };
    readonly pkce: { readonly required: () => boolean };
    readonly clientBasedCORS: (context: Context, origin: string) => boolean;
    readonly findAccount: (
      context: Context,
      id: string,
    ) => { readonly accountId: string; readonly claims: () => Promise<{ readonly sub: string }> };
    readonly extraTokenClaims: (context: Context, token: { readonly accountId?: string }) => Readonly<Record<string, unknown>>;
    readonly features: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration);
    callback(): RequestListener;
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): void;
  }
}
