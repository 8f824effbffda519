import { type LogEvent, type ObjectFacts, is } from '@provident/contracts';
import {
  LinkRepaired,
  ObjectExported,
  ObjectImportFailed,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
} from '@provident/contracts';
import { isEmptyValue, sealedMark, textOf } from '@provident/domain';
import { type IdentityKind, identityValue, namesToLookUp } from '@provident/read-model';

import type { Projection } from '../projection.js';
import { plainArray, textArray } from '../sql/arrays.js';
import type { Flight } from '../sql/flight.js';
import type { ChangeStep } from '../story/change-stories.js';
import type { ChangeStory } from '../story/change-story.js';
import { reduce, reducers, when } from '../when.js';

interface Seen {
  readonly value: string;
  readonly kind: IdentityKind;
  readonly jobId: string;
  readonly objectKey: string;
  readonly sequence: number;
}

type Note = (kind: IdentityKind, text: string | null | undefined) => void;

/** Identifiers that an event mentions. Several candidates in the target are all noted: that is what one looks for then. */
const mentions = reducers<Note>(
  when(SourceObjectImported, (note, { data }) => {
    note('source', data.sourceId);
  }),
  when(ObjectImportFailed, (note, { data }) => note('source', data.sourceId)),
  when(TargetObjectImported, (note, { data }) => {
    note('target', data.linkedId);
    for (const match of data.matches.slice(0, 20)) note('target', match.id);
    for (const { value } of data.tried) if (!isEmptyValue(value)) note('matching', textOf(value));
  }),
  when(RuleEvaluated, (note, { data }) => {
    note('target', data.targetId);
    if (data.match && !isEmptyValue(data.match.value)) note('matching', textOf(data.match.value));
  }),
  when(ObjectExported, (note, { data }) => note('target', data.targetId)),
);

/** In the order of the events: of two that say the same the earlier stays. */
const insertIdentities = `
  insert into identity (value, kind, job_id, object_key, first_sequence)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
  on conflict do nothing`;

function isNew({ noted }: ChangeStory, kind: IdentityKind, text: string): boolean {
  for (let at = 0; at < noted.length; at += 2) if (noted[at + 1] === text && noted[at] === kind) return false;
  noted.push(kind, text);
  return true;
}

/** Every identifier and name of every object, with the first event that mentions it; names that are sealed are looked up elsewhere. */
export class IdentityProjection implements Projection {
  readonly name = 'identity';
  private seen: Seen[] = [];

  hear(event: LogEvent, step: ChangeStep | null): void {
    if (is(event, LinkRepaired)) this.note('target', identityValue('target', event.data.targetId), event.sequence, event.data);
    if (!step) return;
    const { story } = step;
    const note: Note = (kind, text) => {
      if (text && !text.startsWith(sealedMark) && isNew(story, kind, text))
        this.note(kind, identityValue(kind, text), event.sequence, story);
    };
    reduce(mentions, note, event);
    const { displayName } = event.data as ObjectFacts;
    if (displayName && !displayName.startsWith(sealedMark) && isNew(story, 'name', displayName))
      for (const name of namesToLookUp(displayName)) this.note('name', name, event.sequence, story);
  }

  private note(kind: IdentityKind, value: string, sequence: number, { jobId, objectKey }: Pick<ChangeStory, 'jobId' | 'objectKey'>): void {
    this.seen.push({ value, kind, jobId, objectKey, sequence });
  }

  write(flight: Flight): void {
    const rows = this.seen;
    if (rows.length === 0) return;
    this.seen = [];
    flight.query({
      name: 'insert-identities',
      text: insertIdentities,
      values: [
        textArray(rows.map(({ value }) => value)),
        textArray(rows.map(({ kind }) => kind)),
        textArray(rows.map(({ jobId }) => jobId)),
        textArray(rows.map(({ objectKey }) => objectKey)),
        plainArray(rows.map(({ sequence }) => sequence)),
      ],
    });
  }

  forget(): void {
    this.seen = [];
  }
}
