/** Something an operator can put right; its message is meant to be read without a stack. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
}
