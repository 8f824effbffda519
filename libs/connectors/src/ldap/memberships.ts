import { durationMs } from '@provident/domain';
import type { Filter } from 'ldapts';

import type { Membership, MembershipFailure, MembershipPage, MembershipReading, SourceCursor } from '../connector.js';
import { type Branch, planOf, queryOf } from './branch.js';
import type { LdapEntry, LdapSession } from './client.js';
import type { LdapSourceConfig } from './config.js';
import type { DnResolver, NamedObject } from './dn-resolver.js';
import { type EntryPlan, readEntry } from './entries.js';
import { ListLost, readList, versionAttributes } from './member-lists.js';
import {
  type Mark,
  groupMark,
  markAfter,
  membershipWatermark,
  nameMark,
  parseMembershipWatermark,
  unknownFrom,
} from './membership-marks.js';
import { anyOf, changedSince, entryPages, naming, surveyChanges, withAnchors } from './reading.js';
import type { LdapServer } from './server.js';
import { readFrom, rulesOf } from './watermark.js';

const namesAtOnce = 16;
const membershipsPerPage = 2_000;
/** Groups that come at a time: each may bring a long list. */
const listsPerPage = 50;
/** More changed entries than these are not looked for in groups one by one: all groups are read then. */
const mostNames = 5_000;

export interface MembershipSource {
  readonly session: LdapSession;
  readonly server: LdapServer;
  readonly resolver: DnResolver;
  readonly config: LdapSourceConfig;
  readonly people: Branch;
  readonly groups: Branch;
}

/**
 * Everybody in every group; or, once that is known, the lists of the groups that changed, and in which groups changed people and groups are: one of them may
 * have been named before it was there. A directory cannot tell which members are new: the list of a group comes as a whole. With `memberOf` it may be the
 * entry of a member alone that says so: then everything is read as soon as one of the entries has changed.
 */
export async function readMemberships(
  source: MembershipSource,
  watermark: SourceCursor | null,
  signal: AbortSignal,
  deltas = false,
): Promise<MembershipReading> {
  const { config, people, groups, server } = source;
  const now = new Date();
  const parts = [people, groups].map((branch) => [branch.base, branch.scope, branch.filterText, planOf(branch, [], [], server).anchor]);
  const rules = rulesOf(['memberships', config.url, config.groups?.members, parts]);
  const stored = parseMembershipWatermark(watermark);
  const before = readFrom(stored, rules, now, durationMs(config.fullReadEvery)) === null ? null : stored;
  const since = before && unknownFrom(groupMark(before));
  const known = before ? groupMark(before) : null;
  const { total, latest } = await changesSince(since, source, signal);
  const again = before?.again ?? [];
  const names = isByMember(config) || !deltas ? null : await changedNames(before && nameMark(before), source, now, signal);

  const isSame = since !== null && total === 0 && again.length === 0 && (names === null || names.changed?.length === 0);
  const delta = since === null || !names?.changed ? null : { since, again, names: names.changed };
  const failed = new Set<string>();
  const pages = delta ? inPages(changes(source, delta, failed, signal)) : everything(source, failed, signal);
  return {
    kind: isSame ? 'none' : delta ? 'delta' : 'snapshot',
    // Which lists could not be read is known in the end.
    get watermark() {
      return membershipWatermark({
        groups: markAfter(known, latest, now),
        names: names?.mark ?? null,
        fullReadAt: before ? before.fullReadAt : now.toISOString(),
        rules,
        again: [...failed],
      });
    },
    pages: isSame ? none() : pages,
  };
}

/** Whether the entry of a member says to which groups it belongs. */
const isByMember = ({ groups }: LdapSourceConfig): boolean => groups?.members.toLowerCase() === 'memberof';

/** Entries that memberships stand in. */
const sayers = ({ config, people, groups }: MembershipSource): Branch[] => (isByMember(config) ? [groups, people] : [groups]);

async function changesSince(
  since: string | null,
  source: MembershipSource,
  signal: AbortSignal,
): Promise<{ total: number; latest: string | null }> {
  const { session, server, config } = source;
  let total = 0;
  let latest: string | null = null;
  for (const branch of sayers(source)) {
    const all = queryOf(branch, []);
    const query = since === null ? all : { ...all, filter: changedSince(branch.filter, since, server) };
    const found = await surveyChanges(session, query, config.pageSize, server, signal);
    total += found.total;
    if (found.latest !== null && (latest === null || found.latest > latest)) latest = found.latest;
  }
  return { total, latest };
}

interface ChangedEntry extends NamedObject {
  readonly dn: string;
}

/** People and groups that changed since a mark, and where the mark stands then; null for the entries when there are too many to look for each. */
async function changedNames(
  before: Mark | null,
  { session, server, config, people, groups }: MembershipSource,
  now: Date,
  signal: AbortSignal,
): Promise<{ readonly changed: readonly ChangedEntry[] | null; readonly mark: Mark }> {
  const since = unknownFrom(before);
  if (since === null && server.now !== null) return { changed: null, mark: markAfter(null, server.now, now) };
  let changed: ChangedEntry[] | null = since === null ? null : [];
  let latest: string | null = null;
  for (const branch of [people, groups]) {
    const plan = planOf(branch, [], [], server);
    const all = queryOf(branch, [plan.anchor]);
    const query = since === null ? all : { ...all, filter: changedSince(branch.filter, since, server) };
    const found = await surveyChanges(session, query, config.pageSize, server, signal, (entry) => {
      const row = readEntry(entry, plan);
      if ('object' in row) changed?.push({ type: branch.type, anchor: row.object.anchor, dn: entry.dn });
      if (changed && changed.length > mostNames) changed = null;
    });
    if (found.latest !== null && (latest === null || found.latest > latest)) latest = found.latest;
  }
  return { changed, mark: markAfter(before, latest, now) };
}

/** One after another, as they are found: a membership, a record that cannot be used, that a group's list begins anew, or that it came to its end. */
type Found = Membership | MembershipFailure | { readonly anew: string } | { readonly whole: string };

async function* inPages(all: AsyncIterable<Found>): AsyncGenerator<MembershipPage> {
  let page = emptyPage();
  for await (const found of all) {
    if ('anew' in found) {
      // What came before has to be there before it can be forgotten.
      yield page;
      page = emptyPage();
      page.anew.push(found.anew);
    } else if ('whole' in found) page.whole.push(found.whole);
    else if ('code' in found) page.failures.push(found);
    else page.memberships.push(found);
    if (page.memberships.length + page.failures.length + page.whole.length < membershipsPerPage) continue;
    yield page;
    page = emptyPage();
  }
  yield page;
}

const emptyPage = () => ({
  memberships: [] as Membership[],
  failures: [] as MembershipFailure[],
  anew: [] as string[],
  whole: [] as string[],
});

async function* everything(source: MembershipSource, failed: Set<string>, signal: AbortSignal): AsyncGenerator<MembershipPage> {
  for (const branch of sayers(source)) yield* inPages(listsIn(branch, branch.filter, source, failed, signal));
}

interface Changes {
  readonly since: string;
  readonly again: readonly string[];
  readonly names: readonly ChangedEntry[];
}

async function* changes(
  source: MembershipSource,
  { since, again, names }: Changes,
  failed: Set<string>,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  const { groups, server } = source;
  const { anchor } = planOf(groups, [], [], server);
  const asked = [changedSince(groups.filter, since, server), ...(again.length > 0 ? [withAnchors(groups.filter, anchor, again)] : [])];
  for await (const found of listsIn(groups, anyOf(asked), source, failed, signal)) yield found;
  for (const name of names) yield* groupsNaming(name, source, signal);
}

async function* groupsNaming(
  { dn, anchor: member, type }: ChangedEntry,
  source: MembershipSource,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  const { session, server, config, groups } = source;
  const plan = planOf(groups, [], [], server);
  const query = { ...queryOf(groups, [plan.anchor]), filter: naming(groups.filter, config.groups!.members, dn) };
  for await (const entries of entryPages(session, query, config.pageSize, signal)) {
    for (const entry of entries) {
      const row = readEntry(entry, plan);
      if ('object' in row) yield { group: row.object.anchor, member, memberType: type };
    }
  }
}

/** The lists in the entries that fit a filter. Names that stand for nobody whom the job knows are passed over: directories hold placeholders, and people of other branches. */
async function* listsIn(
  branch: Branch,
  filter: Filter,
  source: MembershipSource,
  failed: Set<string>,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  const { session, server, config } = source;
  const attribute = config.groups!.members;
  const plan = planOf(branch, [], [], server);
  const query = { ...queryOf(branch, [attribute, plan.anchor, ...versionAttributes(server)]), filter };
  const pageSize = isByMember(config) ? config.pageSize : Math.min(config.pageSize, listsPerPage);
  for await (const entries of entryPages(session, query, pageSize, signal)) {
    for (const entry of entries) yield* listOf(entry, plan, branch, source, failed, signal);
  }
}

async function* listOf(
  entry: LdapEntry,
  plan: EntryPlan,
  branch: Branch,
  source: MembershipSource,
  failed: Set<string>,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  const { session, server, config } = source;
  const attribute = config.groups!.members;
  const isPart = ({ name }: { readonly name: string }) => name.toLowerCase().startsWith(`${attribute.toLowerCase()};range=`);
  const row = readEntry({ ...entry, attributes: entry.attributes.filter((each) => !isPart(each)) }, plan);
  if ('failure' in row) {
    yield { ...row.failure, anchor: null };
    return;
  }
  const { anchor } = row.object;
  const isOfGroup = !isByMember(config);
  try {
    for await (const part of readList(entry, { session, server, branch, attribute }, signal)) {
      if (part !== 'anew') yield* membershipsOf({ type: branch.type, anchor }, part.names, source, signal);
      else if (isOfGroup) yield { anew: anchor };
    }
    if (isOfGroup) yield { whole: anchor };
  } catch (error) {
    if (!(error instanceof ListLost)) throw error;
    const message = `the list "${attribute}" cannot be read to its end: ${error.message}`;
    if (isOfGroup) failed.add(anchor);
    yield { anchor, code: 'unreadable-record', message, place: entry.dn, ...(isOfGroup && { group: anchor }) };
  }
}

async function* membershipsOf(
  self: NamedObject,
  names: readonly string[],
  { config, resolver }: MembershipSource,
  signal: AbortSignal,
): AsyncGenerator<Membership> {
  for (let at = 0; at < names.length; at += namesAtOnce) {
    const others = await Promise.all(names.slice(at, at + namesAtOnce).map((dn) => resolver.resolve(dn, signal)));
    for (const other of others) {
      if (!other) continue;
      const [group, member] = isByMember(config) ? [other, self] : [self, other];
      if (group.type === 'group') yield { group: group.anchor, member: member.anchor, memberType: member.type };
    }
  }
}

async function* none(): AsyncGenerator<MembershipPage> {}
