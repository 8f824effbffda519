import type { MembershipPage, SourceConnector, TargetConnector } from '@provident/connectors';
import { CommandAnswer, JobStateChanged, LinkRemoved, OnDemandView, is } from '@provident/contracts';

import { longestPauseMs } from '../world.js';
import { type SabotageKind, type Scenery, once, untilDone } from './sabotage.js';

/** So long after something was said, everybody has heard of it. */
const heardAfterMs = longestPauseMs + 2_000;

const never = new AbortController().signal;

/** Does something beside what the services write, until it is done. */
const besides =
  (act: (connector: TargetConnector, scenery: Scenery) => Promise<boolean>) =>
  (connector: TargetConnector, scenery: Scenery): TargetConnector => {
    untilDone(() => act(connector, scenery));
    return connector;
  };

/** What goes wrong about links that are set and taken away by hand. */
const links: Readonly<Record<string, SabotageKind>> = {
  'a link that was taken away is still written to': {
    where: ({ hasLinksByHand }) => hasLinksByHand,
    make: () => ({
      target: besides(async (connector, { broker, target, world }) => {
        const said = broker.events.find(
          (event) =>
            is(event, LinkRemoved) &&
            target.isLetGo(event.data.targetId) &&
            target.accounts.has(event.data.targetId) &&
            world.date().getTime() - Date.parse(event.at) > heardAfterMs,
        );
        if (!said || !is(said, LinkRemoved)) return false;
        await connector.update('User', said.data.targetId, [], never);
        return true;
      }),
    }),
  },
};

/** One of somebody's answers is not what he should be told. */
function answered(from: string, to: string): SabotageKind {
  return {
    where: ({ hasDemands }) => hasDemands,
    make: () => {
      const isNow = once();
      return {
        answer: (text) => {
          const answer = CommandAnswer.parse(JSON.parse(text));
          const view = answer.ok ? OnDemandView.safeParse(answer.result).data : undefined;
          const wrong = view?.results.find(({ status }) => status === from);
          if (!view || !wrong || !isNow()) return text;
          const results = view.results.map((result) => (result === wrong ? { ...result, status: to } : result));
          return JSON.stringify({ ...answer, result: { ...view, results } });
        },
      };
    },
  };
}

const demands: Readonly<Record<string, SabotageKind>> = {
  'on demand, what was not written is told as written': answered('skipped', 'success'),
  'on demand, what was written is told as skipped': answered('success', 'skipped'),
  'on demand, somebody who is there is told to be nobody': answered('success', 'not-found'),
};

function isStopped({ broker, world }: Scenery): boolean {
  const last = broker.events.findLast((event) => is(event, JobStateChanged));
  const isSo = last !== undefined && is(last, JobStateChanged) && last.data.state === 'stopped';
  return isSo && world.date().getTime() - Date.parse(last.at) > heardAfterMs;
}

const holds: Readonly<Record<string, SabotageKind>> = {
  'something is written while the job is stopped': {
    where: ({ isHeld }) => isHeld,
    make: () => ({
      target: besides(async (connector, scenery) => {
        const [id] = scenery.target.accounts.keys();
        if (id === undefined || !isStopped(scenery)) return false;
        await connector.update('User', id, [], never);
        return true;
      }),
    }),
  },
  'the source is read on while the job is stopped': {
    where: ({ isHeld }) => isHeld,
    make: () => ({
      source: (connector, scenery) => {
        untilDone(async () => {
          if (!isStopped(scenery)) return false;
          const request = { objectType: 'user', attributes: [], resumeAt: null, watermark: null, pageSize: 1 };
          for await (const page of (await connector.read(request, never)).pages) return page !== undefined;
          return false;
        });
        return connector;
      },
    }),
  },
};

/** Reads memberships otherwise than they are, each time. */
const misread =
  (change: (page: MembershipPage, scenery: Scenery) => MembershipPage) =>
  (connector: SourceConnector, scenery: Scenery): SourceConnector => ({
    ...connector,
    readMembers: async (...asked) => {
      const reading = await connector.readMembers(...asked);
      const pages = async function* (): AsyncGenerator<MembershipPage> {
        for await (const page of reading.pages) yield change(page, scenery);
      };
      return {
        kind: reading.kind,
        get watermark() {
          return reading.watermark;
        },
        pages: pages(),
      };
    },
  });

/** A job for some, whose target knows no groups: who belongs to what shows in the accounts alone. */
const isForSome: SabotageKind['where'] = ({ assigned, withGroups }) => assigned !== null && !withGroups;

const assignments: Readonly<Record<string, SabotageKind>> = {
  'of those for whom the job is, some are overlooked': {
    where: isForSome,
    make: () => ({
      source: misread((page) => ({ ...page, memberships: page.memberships.filter(({ memberType }) => memberType !== 'user') })),
    }),
  },
  'the job is taken to be for somebody for whom it is not': {
    where: isForSome,
    make: () => ({
      source: misread((page, { source }) => {
        const groups = new Set(page.memberships.map(({ group }) => group));
        const others = [...groups].flatMap((group) =>
          [...source.people.keys()].map((member) => ({ group, member, memberType: 'user' as const })),
        );
        return { ...page, memberships: [...page.memberships, ...others] };
      }),
    }),
  },
};

const drift: Readonly<Record<string, SabotageKind>> = {
  'a change by hand is told as repaired, and is not': {
    where: ({ hasDrift }) => hasDrift,
    make: () => ({
      target: (connector, { target }) => ({
        ...connector,
        update: async (type, id, ...change) =>
          target.accounts.get(id)?.attributes['title'] === target.titleByHand ? undefined : connector.update(type, id, ...change),
      }),
    }),
  },
  'a member whom somebody put in by hand is taken out': {
    where: ({ hasDrift, withGroups }) => hasDrift && withGroups,
    make: () => ({
      target: besides(async (connector, { target }) => {
        const pair = [...target.putInByHand].find((each) => target.isStranger(each));
        if (pair === undefined) return false;
        const [group, id] = pair.split(' ') as [string, string];
        await connector.changeMembers('Group', group, { add: [], remove: [{ key: `user:${target.anchorOf(id)!}` as never, id }] }, never);
        return true;
      }),
    }),
  },
  'an account that somebody deleted is made again without a word': {
    where: ({ hasDrift }) => hasDrift,
    make: () => ({
      target: besides(async (connector, { source, target }) => {
        const person = [...source.people.values()].find(({ anchor }) => target.isDeletedByHand(`user:${anchor}`));
        if (!person) return false;
        const { anchor, userName, changedIn } = person;
        await connector.create('User', { externalId: anchor, userName, title: `v${changedIn}` }, never);
        return true;
      }),
    }),
  },
};

/** Wrong things of stories in which people do something by hand. */
export const wrongByHand: Readonly<Record<string, SabotageKind>> = { ...links, ...demands, ...holds, ...assignments, ...drift };
