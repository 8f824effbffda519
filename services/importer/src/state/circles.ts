import { type JobId, type ObjectKey, type ResolvedReference, circleFrom, longestCircle } from '@provident/domain';
import type { DataSource, EntityManager } from 'typeorm';

/** An object's references to others, by target attribute. */
type Wants = ReadonlyMap<string, ObjectKey>;

/** So many objects are remembered that were looked at last: what was said of them may not be folded yet. */
const mostRemembered = 5_000;

const noWants: Wants = new Map();

/** Finds references that close a circle: from what was said last of each object, and from what is folded of all others. */
export class Circles {
  private readonly latest = new Map<ObjectKey, Wants>();

  constructor(
    private readonly database: DataSource,
    private readonly jobId: JobId,
  ) {}

  /** What these objects refer to from now on; of one that refers to nobody, nothing. */
  remember(objects: ReadonlyMap<ObjectKey, readonly Pick<ResolvedReference, 'attribute' | 'to'>[]>): void {
    for (const [objectKey, references] of objects) {
      this.latest.delete(objectKey);
      this.latest.set(objectKey, wantsOf(references));
    }
    for (const oldest of this.latest.keys()) {
      if (this.latest.size <= Math.max(mostRemembered, objects.size)) break;
      this.latest.delete(oldest);
    }
  }

  /**
   * Those of the objects' references that would be written, with the circle where they close one. Costs a look-up for each step up the chains, for all of
   * the objects together; none where nothing would be written.
   */
  async mark(objects: ReadonlyMap<ObjectKey, readonly ResolvedReference[]>): Promise<Map<ObjectKey, ResolvedReference[]>> {
    const starts = [...objects].flatMap(([objectKey, references]) =>
      references.filter(isWritten).map(({ attribute }) => ({ objectKey, attribute })),
    );
    const known = await this.climb(starts);
    return new Map(
      [...objects].map(([objectKey, references]) => [objectKey, references.map((each) => this.marked(objectKey, each, known))]),
    );
  }

  private marked(objectKey: ObjectKey, reference: ResolvedReference, known: ReadonlyMap<ObjectKey, Wants>): ResolvedReference {
    if (!isWritten(reference)) return reference;
    const circle = circleFrom(objectKey, (of) => this.wantsOf(of, known)?.get(reference.attribute));
    return circle ? { ...reference, state: 'itself', circle } : reference;
  }

  /** Whom everybody above the objects refers to. */
  private async climb(starts: readonly { readonly objectKey: ObjectKey; readonly attribute: string }[]): Promise<Map<ObjectKey, Wants>> {
    const known = new Map<ObjectKey, Wants>();
    let ends = new Map(starts.map((start) => [`${start.attribute} ${start.objectKey}`, start]));
    for (let step = 0; step < longestCircle && ends.size > 0; step++) {
      const unknown = [...ends.values()].map(({ objectKey }) => objectKey).filter((key) => !this.wantsOf(key, known));
      const found = await findWants(this.database, this.jobId, [...new Set(unknown)]);
      for (const key of unknown) known.set(key, found.get(key) ?? noWants);
      const above = [...ends.values()].flatMap(({ objectKey, attribute }) => {
        const wanted = this.wantsOf(objectKey, known)?.get(attribute);
        return wanted === undefined ? [] : [{ objectKey: wanted, attribute }];
      });
      ends = new Map(above.map((end) => [`${end.attribute} ${end.objectKey}`, end]));
    }
    return known;
  }

  private wantsOf(objectKey: ObjectKey, known: ReadonlyMap<ObjectKey, Wants>): Wants | undefined {
    return this.latest.get(objectKey) ?? known.get(objectKey);
  }
}

const isWritten = ({ state }: ResolvedReference): boolean => state === 'resolved';

const wantsOf = (references: readonly Pick<ResolvedReference, 'attribute' | 'to'>[]): Wants =>
  new Map(references.flatMap(({ attribute, to }) => (to === null ? [] : [[attribute, to] as const])));

/** Whom objects referred to when they were imported last. */
export async function findWants(
  database: Pick<EntityManager, 'query'>,
  jobId: string,
  keys: readonly ObjectKey[],
): Promise<Map<ObjectKey, Wants>> {
  if (keys.length === 0) return new Map();
  const rows = await database.query<{ objectKey: ObjectKey; attribute: string; wantedKey: ObjectKey }[]>(
    'SELECT object_key AS "objectKey", attribute, wanted_key AS "wantedKey" FROM reference_given WHERE job_id = $1 AND object_key = ANY($2)',
    [jobId, keys],
  );
  const wants = new Map<ObjectKey, Map<string, ObjectKey>>();
  for (const { objectKey, attribute, wantedKey } of rows) {
    const own = wants.get(objectKey) ?? new Map<string, ObjectKey>();
    wants.set(objectKey, own.set(attribute, wantedKey));
  }
  return wants;
}
