import { VaultUnusable } from '../vault-error.js';
import type { Bound, MasterKey } from './master-key.js';

export interface KmsOptions {
  /** Where requests go: https, or http on loopback. */
  readonly url: string;
  /** Name of the key there. */
  readonly key: string;
  /** Sent as a bearer token; null sends none. */
  readonly token: string | null;
  readonly timeoutMs?: number;
}

const mostItems = 500;
const mostBytes = 4 * 2 ** 20;

/**
 * A master key that never leaves its key management service. One request wraps or unwraps up to 500 data keys: `{ operation, key, items: [{ context,
 * data }] }`, answered with `{ items: [{ data }] }` in the same order; data is base64. A bridge of a few lines makes any service speak so.
 */
export class HttpKms implements MasterKey {
  readonly id: string;

  constructor(private readonly options: KmsOptions) {
    this.id = `kms:${options.key}`;
  }

  wrap(items: readonly Bound[]): Promise<Buffer[]> {
    return this.inParts('wrap', items);
  }

  unwrap(items: readonly Bound[]): Promise<Buffer[]> {
    return this.inParts('unwrap', items);
  }

  private async inParts(operation: 'wrap' | 'unwrap', items: readonly Bound[]): Promise<Buffer[]> {
    const done: Buffer[] = [];
    for (let at = 0; at < items.length; at += mostItems) done.push(...(await this.ask(operation, items.slice(at, at + mostItems))));
    return done;
  }

  private async ask(operation: 'wrap' | 'unwrap', items: readonly Bound[]): Promise<Buffer[]> {
    const { url, key, token, timeoutMs = 10_000 } = this.options;
    const sent = items.map(({ bytes, context }) => ({ context, data: Buffer.from(bytes).toString('base64') }));
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ operation, key, items: sent }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw this.unusable('does not answer', cause);
    });
    if (!answer.ok) {
      await answer.body?.cancel();
      throw this.unusable(`answers ${answer.status} to "${operation}"`);
    }
    // What it says is never repeated: it may hold keys.
    const text = await answer.text().catch((cause: unknown) => {
      throw this.unusable('broke off its answer', cause);
    });
    const keys = text.length > mostBytes ? null : keysIn(text);
    if (keys?.length !== items.length) throw this.unusable(`answers "${operation}" with something else than ${items.length} keys`);
    return keys;
  }

  private unusable(what: string, cause?: unknown): VaultUnusable {
    return new VaultUnusable(
      `the key management service at ${new URL(this.options.url).host} ${what}: see to it, or correct PROVIDENT_KMS_URL, PROVIDENT_KMS_KEY and PROVIDENT_KMS_TOKEN_FILE`,
      { cause },
    );
  }
}

function keysIn(text: string): Buffer[] | null {
  try {
    const { items } = JSON.parse(text) as { items?: unknown };
    if (!Array.isArray(items)) return null;
    const keys = items.map((item: { data?: unknown } | null) => (typeof item?.data === 'string' ? Buffer.from(item.data, 'base64') : null));
    return keys.every((key) => key !== null && key.length > 0) ? (keys as Buffer[]) : null;
  } catch {
    return null;
  }
}
