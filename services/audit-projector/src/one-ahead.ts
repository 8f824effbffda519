/**
 * The same values in the same order. Behind a value that `isFull` the next is asked for at once, so that it is there when this one has been worked on;
 * behind any other only then, because by that time more has come together. A failure comes at its turn.
 */
export async function* oneAhead<Value>(values: AsyncIterable<Value>, isFull: (value: Value) => boolean): AsyncGenerator<Value> {
  const iterator = values[Symbol.asyncIterator]();
  try {
    let next = ask(iterator);
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      const ahead = isFull(value as Value) ? ask(iterator) : null;
      yield value as Value;
      next = ahead ?? ask(iterator);
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
