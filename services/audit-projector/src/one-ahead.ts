/** The same values in the same order; each is asked for while the one before is still being worked on. A failure comes at its turn. */
export async function* oneAhead<Value>(values: AsyncIterable<Value>): AsyncGenerator<Value> {
  const iterator = values[Symbol.asyncIterator]();
  try {
    let next = ask(iterator);
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = ask(iterator);
      yield value as Value;
    }
  } finally {
    await iterator.return?.();
  }
}

function ask<Value>(iterator: AsyncIterator<Value>): Promise<IteratorResult<Value>> {
  const asked = iterator.next();
  asked.catch(() => undefined); // it is thrown when it is its turn
  return asked;
}
