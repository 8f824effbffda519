import type { WorkPool } from '@provident/bus';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';

/** Starts a pool with the application and stops it first of all. */
export class PoolRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** @param afterwards closes what the pool's work stood on */
  constructor(
    private readonly pool: WorkPool,
    private readonly afterwards: () => Promise<unknown> = async () => undefined,
  ) {}

  onApplicationBootstrap(): void {
    this.pool.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.pool.stop();
    await this.afterwards();
  }
}
