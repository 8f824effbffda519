/** What was started and how to end it: in the opposite order, and all of it even if some of it fails. */
export class Teardown {
  private readonly steps: (() => Promise<unknown> | void)[] = [];

  add(step: () => Promise<unknown> | void): void {
    this.steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.steps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        process.stderr.write(`On the way down: ${(error as Error).message}\n`);
      }
    }
  }
}
