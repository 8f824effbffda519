import { z } from 'zod';

import { BrokerUnusable, withoutSecrets } from './connect.js';

/** How it is known that the broker writes to disk before it acknowledges: by a look, by word of whoever configures it; or not at all, and accepted. */
export const Durability = z.enum(['seen', 'declared', 'waived']);
export type Durability = z.infer<typeof Durability>;

export interface DurabilitySettings {
  readonly natsUrl: string;
  /** What is said of the broker. */
  readonly sync?: 'always' | 'waived' | undefined;
  /** Where its monitoring answers, such as `http://127.0.0.1:8222`; of several servers separated by commas. */
  readonly monitoringUrl?: string | undefined;
}

/** Part of `/varz` that tells of it. Source: the server's JetStreamConfig. */
const Varz = z.object({
  jetstream: z
    .object({ config: z.object({ sync_always: z.boolean().default(false) }) })
    .partial()
    .default({}),
});

const patienceMs = 5_000;
const danger = 'events that were acknowledged are lost in a power cut';
const waiver = `NATS_SYNC=waived does without: ${danger}`;

/**
 * Makes sure that what the broker acknowledges is on disk, as far as that can be known: clients are not told, so that it is looked up or has to be said.
 * @throws BrokerUnusable when it is not, or when nobody says so
 */
export async function assertDurable({ natsUrl, sync, monitoringUrl }: DurabilitySettings): Promise<Durability> {
  if (sync === 'waived') return 'waived';
  if (monitoringUrl === undefined && sync === 'always') return 'declared';
  const broker = `NATS at ${withoutSecrets(natsUrl)}`;
  if (monitoringUrl === undefined)
    throw new BrokerUnusable(
      `it is not known whether ${broker} writes synchronously ("sync_interval: always" in its "jetstream" block): set NATS_MONITORING_URL to where its ` +
        `monitoring answers (http://…:8222), so that it can be looked up, or NATS_SYNC=always if you know that it does. ${waiver}`,
    );
  for (const address of monitoringUrl.split(',')) {
    if (!(await writesSynchronously(address.trim())))
      throw new BrokerUnusable(
        `${broker} does not write synchronously (by its monitoring at ${withoutSecrets(address.trim())}): say "sync_interval: always" in the "jetstream" ` +
          `block of its configuration. ${waiver}`,
      );
  }
  return 'seen';
}

async function writesSynchronously(address: string): Promise<boolean> {
  const asked = async (): Promise<unknown> => {
    const response = await fetch(new URL('/varz', address), { signal: AbortSignal.timeout(patienceMs) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.json();
  };
  const varz = await asked().catch((cause: Error) => {
    const why = (cause.cause as Error | undefined)?.message ?? cause.message;
    throw new BrokerUnusable(`the monitoring of NATS does not answer at ${withoutSecrets(address)} (${why}): correct NATS_MONITORING_URL`, {
      cause,
    });
  });
  const read = Varz.safeParse(varz);
  if (!read.success)
    throw new BrokerUnusable(`what answers at ${withoutSecrets(address)} is not the monitoring of NATS: correct NATS_MONITORING_URL`);
  return read.data.jetstream.config?.sync_always ?? false;
}
