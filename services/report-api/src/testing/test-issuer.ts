import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

type Key = Awaited<ReturnType<typeof generateKeyPair>>;

/** An OpenID issuer of its own, with discovery and keys over HTTP. */
export class TestIssuer {
  /** How often its keys were fetched. */
  fetches = 0;
  isAway = false;

  private constructor(
    readonly url: string,
    private readonly keys: { kid: string; key: Key; jwk: JWK }[],
    readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<TestIssuer> {
    const keys: { kid: string; key: Key; jwk: JWK }[] = [];
    const server = createServer((request, response) => {
      const [authorization_endpoint, token_endpoint] = [`${issuer.url}/authorize`, `${issuer.url}/token`];
      const described = { issuer: issuer.url, jwks_uri: `${issuer.url}/keys`, authorization_endpoint, token_endpoint };
      const answer = request.url === '/keys' ? issuer.keySet() : described;
      response.writeHead(issuer.isAway ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const close = (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    const issuer = new TestIssuer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys, close);
    await issuer.rotate();
    return issuer;
  }

  /** Signs with a new key from now on; the old ones are published no more. */
  async rotate(): Promise<void> {
    const key = await generateKeyPair('ES256', { extractable: true });
    const kid = `key-${this.keys.length + 1}`;
    this.keys.push({ kid, key, jwk: { ...(await exportJWK(key.publicKey)), kid, alg: 'ES256', use: 'sig' } });
  }

  /** An access token; every claim can be said otherwise, `undefined` leaves it out. */
  token(
    claims: { readonly [Claim in keyof JWTPayload]?: JWTPayload[Claim] | undefined } = {},
    header: { kid?: string; key?: Key['privateKey'] } = {},
  ): Promise<string> {
    const { kid, key } = this.keys.at(-1)!;
    const now = Math.floor(Date.now() / 1_000);
    const usual = { iss: this.url, aud: 'provident', sub: 'user-1', preferred_username: 'ada@example.com', iat: now, exp: now + 600 };
    return new SignJWT({ ...usual, ...claims } as JWTPayload)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: header.kid ?? kid })
      .sign(header.key ?? key.privateKey);
  }

  /** What a forger has: the keys that are published. */
  get published(): JWK {
    return this.keys.at(-1)!.jwk;
  }

  private keySet(): { keys: JWK[] } {
    this.fetches += 1;
    return { keys: [this.published] };
  }
}
