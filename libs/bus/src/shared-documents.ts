import { JetStreamApiError } from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Budget } from '@provident/domain';

export interface SharedDocument<Value> {
  readonly value: Value;
  readonly revision: number;
}

const wrongLastSequence = 10071;
const clockKey = 'clock';
const clockReadings = 3;
/** By so much the clock is set at a time. */
const mostDriftMs = 1;
/** An answer that took longer, such as in a process that was kept waiting, says nothing of the clock. */
const exactWithinMs = 50;

/** JSON documents that several processes change at the same time, each on what the one before left, and a clock that is the same for all of them. */
export class SharedDocuments<Value> {
  /** What the broker's clock is ahead of this process's own, which no change of the machine's time moves. */
  private offset = 0;
  private readonly writtenAt = new Map<number, number>();

  private constructor(private readonly kv: KV) {}

  static async open<Value>(connection: NatsConnection, bucket: string): Promise<SharedDocuments<Value>> {
    const documents = new SharedDocuments<Value>(await new Kvm(connection).create(bucket, { history: 1 }));
    await documents.setClock();
    return documents;
  }

  /** Milliseconds since the epoch by the broker's clock, as exactly as a message travels. */
  now(): number {
    return performance.now() + this.offset;
  }

  async find(key: string): Promise<SharedDocument<Value> | null> {
    return documentOf<Value>(await this.kv.get(key));
  }

  async list(): Promise<{ readonly key: string; readonly value: Value }[]> {
    const found: { key: string; value: Value }[] = [];
    for await (const key of await this.kv.keys()) {
      const document = key === clockKey ? null : await this.find(key);
      if (document) found.push({ key, value: document.value });
    }
    return found;
  }

  /** @param revision of what it takes the place of; 0: there is none. @returns the new one, or null when somebody else was faster */
  async replace(key: string, value: Value, revision: number): Promise<number | null> {
    const sentAt = performance.now();
    try {
      const text = JSON.stringify(value);
      const written = revision === 0 ? await this.kv.create(key, text) : await this.kv.update(key, text, revision);
      const answeredAt = performance.now();
      if (answeredAt - sentAt < exactWithinMs) this.writtenAt.set(written, (sentAt + answeredAt) / 2);
      if (this.writtenAt.size > 8) this.writtenAt.delete(this.writtenAt.keys().next().value!);
      return written;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return null;
      throw error;
    }
  }

  /** Tells what is there and every change, in order. @returns what ends it */
  async watch(key: string, listener: (document: SharedDocument<Value>) => void): Promise<() => void> {
    const entries = await this.kv.watch({ key });
    void (async () => {
      for await (const entry of entries) {
        const document = documentOf<Value>(entry);
        if (!document) continue;
        this.compareClock(entry);
        listener(document);
      }
    })();
    return () => entries.stop();
  }

  /** The shortest exchange tells most exactly. */
  private async setClock(): Promise<void> {
    let shortest = Number.POSITIVE_INFINITY;
    for (let reading = 0; reading < clockReadings; reading++) {
      const sentAt = performance.now();
      const revision = await this.kv.put(clockKey, '0');
      const tookMs = performance.now() - sentAt;
      const entry = await this.kv.get(clockKey);
      if (entry?.revision !== revision || tookMs >= shortest) continue;
      shortest = tookMs;
      this.offset = entry.created.getTime() - sentAt - tookMs / 2;
    }
    if (shortest === Number.POSITIVE_INFINITY) this.offset = performance.timeOrigin;
  }

  /** Clocks drift: every write that comes back tells by how much. Never a leap, which would make what was waited for come early. */
  private compareClock({ revision, created }: KvEntry): void {
    const writtenAt = this.writtenAt.get(revision);
    if (writtenAt === undefined) return;
    const behind = created.getTime() - writtenAt - this.offset;
    this.offset += Math.max(-mostDriftMs, Math.min(mostDriftMs, behind));
  }
}

function documentOf<Value>(entry: KvEntry | null): SharedDocument<Value> | null {
  return entry?.operation === 'PUT' ? { value: entry.json<Value>(), revision: entry.revision } : null;
}

/** The budgets of limited targets. */
export const openBudgets = (connection: NatsConnection): Promise<SharedDocuments<Budget>> =>
  SharedDocuments.open(connection, 'provident-budgets');
