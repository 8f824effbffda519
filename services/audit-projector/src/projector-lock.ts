/** The advisory lock whose holder alone projects. */
export const projectorLock = {
  nameOf: (schema: string): string => `provident projector ${schema}`,
  /** Takes the lock if it is free; $1 is its name. */
  take: 'select pg_try_advisory_lock(hashtext($1)) as taken',
  /** Condition on `pg_locks` for its holder; $1 is its name. A lock on one number stands there as its two halves. */
  isHeld: `locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) and objsubid = 1
    and ((classid::bigint << 32) | objid::bigint) = hashtext($1)::bigint and granted`,
} as const;
