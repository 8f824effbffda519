/** The vault cannot be used as it is configured; the message is one line that says what to do, and holds no key. */
export class VaultUnusable extends Error {
  override readonly name = 'VaultUnusable';
}

/** A secret cannot be had; the message names it, says what to do, and never holds a value. */
export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable';

  constructor(
    readonly code: 'secret-missing' | 'secret-unreadable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
