/** Lets pieces of work have one connection in turn, in the order in which they ask. */
export class Turn {
  private last: Promise<unknown> = Promise.resolve();

  /** @throws what the work throws; whoever comes next is not concerned */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => undefined);
    return mine;
  }
}
