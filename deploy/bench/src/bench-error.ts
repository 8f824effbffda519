/** The bench cannot go on, or what it saw was wrong: the message is for people and nothing was measured. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
