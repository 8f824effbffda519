/** Reads until so many events have come, then stops the reader. */
export async function collect<Event>(
  open: (signal: AbortSignal) => AsyncIterable<readonly Event[]>,
  count: number,
): Promise<{ events: Event[]; sizes: number[] }> {
  const stop = new AbortController();
  const events: Event[] = [];
  const sizes: number[] = [];
  for await (const batch of open(stop.signal)) {
    events.push(...batch);
    sizes.push(batch.length);
    if (events.length >= count) stop.abort();
  }
  return { events, sizes };
}
