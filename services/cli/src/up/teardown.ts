/** What has been started and how to end it: ended in the opposite order, and all of it even if some of it fails. */
export class Teardown {
  private readonly steps: (() => Promise<void> | void)[] = [];

  add(step: () => Promise<void> | void): void {
    this.steps.push(step);
  }

  /** @returns what went wrong on the way */
  async run(): Promise<unknown[]> {
    const problems: unknown[] = [];
    for (const step of this.steps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        problems.push(error);
      }
    }
    return problems;
  }
}
