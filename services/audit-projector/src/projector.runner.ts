import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';

import type { ProjectorLoop } from './projector-loop.js';

/** Starts the loop with the application and ends it, between two batches, first of all. */
export class ProjectorRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly ending = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly loop: ProjectorLoop,
    /** Told when the log must not be projected: nothing is going to mend that. */
    private readonly onRefused: (error: unknown) => void,
    private readonly afterwards: () => Promise<unknown>,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.loop.run(this.ending.signal).catch(this.onRefused);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.ending.abort();
    await this.running;
    await this.afterwards();
  }
}
