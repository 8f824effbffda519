/** A notice could not be delivered; the message is fit for the log: it names no address and no credential. */
export class NoticeUndelivered extends Error {
  override readonly name = 'NoticeUndelivered';
}

/** What went wrong in a sentence, without what must not be written down. */
export function undelivered(what: string, error: unknown): NoticeUndelivered {
  const { message, code, cause } = Object(error) as { message?: unknown; code?: unknown; cause?: unknown };
  const inner = Object(cause) as { message?: unknown; code?: unknown };
  const words = [message, inner.message, code ?? inner.code].filter((each) => typeof each === 'string' && each !== '');
  return new NoticeUndelivered(`${what}: ${withoutAddresses([...new Set(words)].join('; ')).slice(0, 300)}`, { cause: error });
}

const withoutAddresses = (text: string): string =>
  text
    .replace(/\b[a-z]+:\/\/\S+/gi, '…')
    .replace(/[^\s<>"',;]+@[^\s<>"',;]+/g, '…')
    .replace(/[\s\p{Cc}]+/gu, ' ');
