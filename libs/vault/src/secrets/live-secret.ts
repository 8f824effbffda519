import type { SecretRef } from '@provident/domain';

import { SecretUnavailable } from '../vault-error.js';
import { type SecretPlaces, resolveSecret } from './resolve-secret.js';

/** Changes before the newest whose values are still taken out of messages. */
const rememberedValues = 5;

/**
 * A secret that is asked for at every use, so that a changed one is taken within two seconds, without a restart. While it cannot be read at all, such
 * as when the database is away, what was read last is used on; one that was taken away is missed.
 */
export class LiveSecret {
  private values: string[] = [];
  private readAt = -Infinity;
  private reading: Promise<string> | null = null;

  constructor(
    private readonly ref: SecretRef,
    private readonly places: SecretPlaces,
    private readonly goodForMs = 2_000,
  ) {}

  /** Every value that it has had of late, the newest first: none of them may be seen. */
  get known(): readonly string[] {
    return this.values;
  }

  /** @throws SecretUnavailable */
  async value(): Promise<string> {
    const [newest] = this.values;
    if (newest !== undefined && performance.now() - this.readAt < this.goodForMs) return newest;
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    const value = await this.reading;
    this.readAt = performance.now();
    if (value !== this.values[0]) this.values = [value, ...this.values.filter((each) => each !== value)].slice(0, rememberedValues);
    return value;
  }

  private async read(): Promise<string> {
    try {
      return await resolveSecret(this.ref, this.places);
    } catch (error) {
      const [newest] = this.values;
      if (newest !== undefined && error instanceof SecretUnavailable && error.code === 'secret-unreadable') return newest;
      throw error;
    }
  }
}
