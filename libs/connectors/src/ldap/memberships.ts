import { type AttributeValue, durationMs } from '@provident/domain';
import { z } from 'zod';

import type { Membership, MembershipPage, MembershipReading, SourceCursor, SourceFailure } from '../connector.js';
import { type Branch, planOf, queryOf } from './branch.js';
import type { LdapSession } from './client.js';
import type { LdapSourceConfig } from './config.js';
import type { DnResolver, NamedObject } from './dn-resolver.js';
import { readEntry } from './entries.js';
import { changedSince, entryPages, surveyChanges } from './reading.js';
import type { LdapServer } from './server.js';
import { readFrom, rulesOf } from './watermark.js';

/** After a read: as that of objects, since when (by our clock) the second up to which changes are known is the latest, and whether all of it was seen. */
const MembershipWatermark = z.object({
  changedUpTo: z.string().nullable(),
  fullReadAt: z.iso.datetime(),
  rules: z.string(),
  latestSince: z.iso.datetime(),
  isSettled: z.boolean(),
});
type MembershipWatermark = z.infer<typeof MembershipWatermark>;

const secondIsOverMs = 2_000;
const namesAtOnce = 16;
const membershipsPerPage = 2_000;

export interface MembershipSource {
  readonly session: LdapSession;
  readonly server: LdapServer;
  readonly resolver: DnResolver;
  readonly config: LdapSourceConfig;
  readonly people: Branch;
  readonly groups: Branch;
}

/**
 * Everybody in every group, as soon as one of the entries that say so has changed, and from time to time. A directory cannot tell which members are new:
 * the list of a group comes as a whole.
 */
export async function readMemberships(
  source: MembershipSource,
  watermark: SourceCursor | null,
  signal: AbortSignal,
): Promise<MembershipReading> {
  const { config, people, groups, server } = source;
  const now = new Date();
  const parts = [people, groups].map((branch) => [branch.base, branch.scope, branch.filterText, planOf(branch, [], [], server).anchor]);
  const rules = rulesOf(['memberships', config.url, config.groups?.members, parts]);
  const before = MembershipWatermark.safeParse(watermark).data ?? null;
  const since = readFrom(before, rules, now, durationMs(config.fullReadEvery));
  const { total, latest } = await changesSince(since, source, signal);
  const isLatest = since !== null && (total === 0 || latest === since);
  const latestSince = isLatest && before ? before.latestSince : now.toISOString();
  // In the second of the latest change there may be another one. Only a read that begins when that second must be over has seen all of it.
  const isSettled = isLatest && now.getTime() - Date.parse(latestSince) >= secondIsOverMs;
  const next: MembershipWatermark = {
    changedUpTo: latest ?? since,
    fullReadAt: since === null || !before ? now.toISOString() : before.fullReadAt,
    rules,
    latestSince,
    isSettled,
  };
  const isSame = isLatest && before?.isSettled === true;
  return { kind: isSame ? 'none' : 'snapshot', watermark: next, pages: isSame ? none() : pagesOf(source, signal) };
}

/** Entries that memberships stand in. */
const sayers = ({ config, people, groups }: MembershipSource): Branch[] =>
  config.groups?.members.toLowerCase() === 'memberof' ? [groups, people] : [groups];

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

async function* pagesOf(source: MembershipSource, signal: AbortSignal): AsyncGenerator<MembershipPage> {
  let memberships: Membership[] = [];
  let failures: SourceFailure[] = [];
  for (const branch of sayers(source)) {
    for await (const found of membershipsIn(branch, source, signal)) {
      if ('code' in found) failures.push({ ...found, anchor: null });
      else memberships.push(found);
      if (memberships.length + failures.length < membershipsPerPage) continue;
      yield { memberships, failures };
      memberships = [];
      failures = [];
    }
  }
  yield { memberships, failures };
}

/** Names that stand for nobody whom the job knows are passed over: directories hold placeholders, and people of other branches. */
async function* membershipsIn(branch: Branch, source: MembershipSource, signal: AbortSignal): AsyncGenerator<Membership | SourceFailure> {
  const { session, server, config, resolver } = source;
  const attribute = config.groups!.members;
  const isMemberOf = attribute.toLowerCase() === 'memberof';
  const plan = planOf(branch, [attribute], [], server);
  for await (const entries of entryPages(session, queryOf(branch, [attribute, plan.anchor]), config.pageSize, signal)) {
    for (const entry of entries) {
      const row = readEntry(entry, plan);
      if ('failure' in row) {
        yield row.failure;
        continue;
      }
      const self: NamedObject = { type: branch.type, anchor: row.object.anchor };
      const names = textsIn(row.object.attributes[attribute]);
      for (let at = 0; at < names.length; at += namesAtOnce) {
        const others = await Promise.all(names.slice(at, at + namesAtOnce).map((dn) => resolver.resolve(dn, signal)));
        for (const other of others) {
          if (!other) continue;
          const [group, member] = isMemberOf ? [other, self] : [self, other];
          if (group.type === 'group') yield { group: group.anchor, member: member.anchor, memberType: member.type };
        }
      }
    }
  }
}

const textsIn = (value: AttributeValue | undefined): string[] => [value ?? []].flat().filter((each) => typeof each === 'string');

async function* none(): AsyncGenerator<MembershipPage> {}
