import { nearest } from './nearest.js';

/** Keys and indexes from the root of the job to the culprit. */
export type IssuePath = readonly (string | number)[];

/** A problem in a job file, at the place where it stands. */
export interface Issue {
  path: (string | number)[];
  /** A sentence for the person who wrote the file, without the path. */
  message: string;
  /** The nearest valid name, where there is one. */
  nearest?: string;
}

export const issueAt = (path: IssuePath, message: string): Issue => ({ path: [...path], message });

/** A name that is not among the known ones; proposes the nearest, or lists them when they are few. */
export function unknownName(path: IssuePath, what: string, name: string, known: Iterable<string>): Issue {
  const names = [...new Set(known)].sort();
  const meant = nearest(name, names);
  if (meant !== undefined) return { ...issueAt(path, `${what} "${name}"; did you mean "${meant}"?`), nearest: meant };
  const list = names.length > 0 && names.length <= 15 ? `; known: ${names.join(', ')}` : '';
  return issueAt(path, `${what} "${name}"${list}`);
}
