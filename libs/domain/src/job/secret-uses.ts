import type { JobDefinition } from './job-definition.js';
import { SecretRef } from './secret-ref.js';

/** A reference to a secret, and where in the job it stands, such as `target.config.auth.bearer`. */
export interface SecretUse {
  readonly place: string;
  readonly ref: SecretRef;
}

/** Every reference to a secret in a job: of its two systems, and of its notices. */
export const secretUses = ({ source, target, notify }: Pick<JobDefinition, 'source' | 'target' | 'notify'>): SecretUse[] => [
  ...usesIn(source.config, 'source.config'),
  ...usesIn(target.config, 'target.config'),
  ...usesIn(notify, 'notify'),
];

function usesIn(value: unknown, place: string): SecretUse[] {
  if (typeof value !== 'object' || value === null) return [];
  const ref = SecretRef.safeParse(value);
  if (ref.success) return [{ place, ref: ref.data }];
  return Object.entries(value).flatMap(([key, inner]) => usesIn(inner, `${place}.${key}`));
}
