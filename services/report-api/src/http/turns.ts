/** Too many ask for something expensive at once. */
export class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';
  constructor(
    message: string,
    readonly retryAfterS: number,
  ) {
    super(message);
  }
}

/** Lets a few expensive questions be answered at once, so that the others find the database free, and a few more wait. */
export class Turns {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly mostWaiting: number,
  ) {}

  /** @throws TooManyRequests */
  async take<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const leave = await this.enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /**
   * For work that ends elsewhere: gives what ends it.
   * @throws TooManyRequests
   */
  async enter(): Promise<() => void> {
    if (this.running >= this.atOnce) {
      if (this.waiting.length >= this.mostWaiting) throw new TooManyRequests('too many questions at once: ask again in a moment', 2);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.running += 1;
    let isLeft = false;
    return () => {
      if (isLeft) return;
      isLeft = true;
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    };
  }
}
