import type { z } from 'zod';

/** One thing that is wrong with a request, and where. */
export interface RequestIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The request cannot be understood; the message says what is supported. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
  constructor(
    message: string,
    readonly issues: readonly RequestIssue[] = [],
  ) {
    super(message);
  }
}

/** In words that name the culprit and what would be right. */
export function badRequestOf(error: z.ZodError, what: 'parameter' | 'member', supported: readonly string[]): BadRequest {
  const issues = error.issues.flatMap((issue): RequestIssue[] => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: `is not known; supported: ${supported.join(', ') || 'none'}` }));
  });
  return new BadRequest(
    issues.map(({ path, message }) => `${path.length > 0 ? `${what} "${path.join('.')}"` : 'the body'}: ${message}`).join('; '),
    issues,
  );
}
