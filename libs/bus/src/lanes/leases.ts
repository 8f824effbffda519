import type { KV, KvEntry } from '@nats-io/kv';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';

const bucket = 'provident-leases';

/** How long an instance may go on after its last renewal. */
const lifetimeMs = 5_000;
const renewEveryMs = 1_250;
/** The holder stops this long before others may take over, and they wait that much longer. */
const marginMs = 1_000;
/** What an instance says comes back to it within moments; after this long it is deaf, and listens anew. */
const deafAfterMs = 2 * renewEveryMs;

/** What an instance says of itself with every renewal. */
export interface Session {
  readonly service: string;
  readonly instance: string;
  readonly version: string;
  readonly at: string;
  /** Units of work that it holds. */
  readonly units: number;
}

/** The sessions that are known now, living or lately dead. */
export async function listSessions(connection: NatsConnection): Promise<Session[]> {
  const kv = await new Kvm(connection).create(bucket, { history: 1 });
  const sessions: Session[] = [];
  const keys = new Set<string>(); // one that is renewed meanwhile is listed again
  for await (const key of await kv.keys('session.>')) keys.add(key);
  for (const key of keys) {
    const entry = await kv.get(key);
    if (entry?.operation === 'PUT') sessions.push(entry.json<Session>());
  }
  return sessions;
}

interface Known {
  readonly revision: number;
  readonly holder: string;
}

/**
 * Who works on what. An instance keeps one session alive; a unit of work names the session that holds it. A unit is free when nobody holds it
 * or its holder's session was silent for longer than its lifetime. Leases avoid wasted work; the append rule gives correctness.
 */
export class Leases {
  private readonly seen = new Map<string, number>();
  private readonly units = new Map<string, Known>();
  private renewedAt = 0;
  private heardAt = performance.now();
  private listening: { readonly since: number; stop(): void } | null = null;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  private constructor(
    private readonly kv: KV,
    private readonly service: string,
    readonly instance: string,
    private readonly version: string,
  ) {}

  /** Joins as `instance`. A name that was used before takes over from its predecessor at once: give a name again only when that one is dead. */
  static async join(connection: NatsConnection, service: string, instance: string, version = ''): Promise<Leases> {
    const kv = await new Kvm(connection).create(bucket, { history: 1 });
    const leases = new Leases(kv, service, instance, version);
    await leases.watch();
    await leases.renew();
    leases.timer = setInterval(() => void leases.renew().catch(() => undefined), renewEveryMs); // a missed renewal shows in isAlive
    return leases;
  }

  /**
   * Whether this instance may still act: false well before anybody else may take over, and for one that hears nothing before it takes the others for dead.
   */
  isAlive(): boolean {
    const now = performance.now();
    return !this.closed && now - this.renewedAt < lifetimeMs - marginMs && now - this.heardAt < lifetimeMs;
  }

  /** Living instances of this service, this one included. */
  instances(): string[] {
    const now = performance.now();
    const living = [...this.seen].filter(([, at]) => now - at < lifetimeMs + marginMs).map(([name]) => name);
    return [...new Set([...living, this.instance])].sort();
  }

  holds(unit: string): boolean {
    return this.units.get(unit)?.holder === this.instance;
  }

  isFree(unit: string): boolean {
    const known = this.units.get(unit);
    return known === undefined || !this.instances().includes(known.holder);
  }

  /** Tries to take a free unit; false when another was faster. */
  async take(unit: string): Promise<boolean> {
    const key = this.unitKey(unit);
    const known = this.units.get(unit);
    try {
      const revision = known ? await this.kv.update(key, this.instance, known.revision) : await this.kv.create(key, this.instance);
      this.units.set(unit, { holder: this.instance, revision });
      return true;
    } catch {
      return false; // somebody else wrote first, or the broker is away: the watch tells, and the next round tries again
    }
  }

  async release(unit: string): Promise<void> {
    const known = this.units.get(unit);
    if (known?.holder !== this.instance) return;
    this.units.delete(unit);
    // A broker that is away forgets us by time; a unit that somebody else has taken meanwhile stays theirs.
    await this.kv.delete(this.unitKey(unit), { previousSeq: known.revision }).catch(() => undefined);
  }

  /** Gives everything back. */
  async leave(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    this.listening?.stop();
    for (const unit of Array.from(this.units.keys())) await this.release(unit);
    await this.kv.delete(`session.${this.service}.${this.instance}`).catch(() => undefined);
  }

  private unitKey(unit: string): string {
    return `unit.${this.service}.${unit}`;
  }

  private async renew(): Promise<void> {
    const sentAt = performance.now();
    const units = [...this.units.values()].filter(({ holder }) => holder === this.instance).length;
    const session: Session = { service: this.service, instance: this.instance, version: this.version, at: new Date().toISOString(), units };
    await this.kv.put(`session.${this.service}.${this.instance}`, JSON.stringify(session));
    this.renewedAt = sentAt;
    if (sentAt - Math.max(this.heardAt, this.listening?.since ?? 0) > deafAfterMs) await this.watch();
  }

  /** A watch may fall silent without a word, its connection in order: the client has given it up, or notices only after a minute. */
  private async watch(): Promise<void> {
    this.listening?.stop();
    this.listening = { since: performance.now(), stop: () => undefined };
    const entries = await this.kv.watch({ key: [`session.${this.service}.*`, `unit.${this.service}.>`] });
    if (this.closed) return entries.stop();
    this.listening = { since: performance.now(), stop: () => entries.stop() };
    void (async () => {
      for await (const entry of entries) this.note(entry);
    })().catch(() => undefined); // what is heard no more is noticed by its silence
    // What is there already arrives first; a fresh bucket has nothing to say.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  private note(entry: KvEntry): void {
    const [kind, , ...rest] = entry.key.split('.');
    const name = rest.join('.');
    const gone = entry.operation !== 'PUT';
    if (kind === 'session') {
      if (gone) this.seen.delete(name);
      else this.seen.set(name, performance.now());
      if (name === this.instance && !gone) this.heardAt = performance.now();
    } else if (gone) {
      if ((this.units.get(name)?.revision ?? 0) < entry.revision) this.units.delete(name);
    } else if ((this.units.get(name)?.revision ?? 0) <= entry.revision) {
      this.units.set(name, { holder: entry.string(), revision: entry.revision });
    }
  }
}
