import { type NewEvent, say } from '@provident/bus';
import { aJob, anInstant, objectFacts } from '@provident/bus/testing';
import { TargetGate } from '@provident/connectors';
import type { MemoryTarget } from '@provident/connectors/testing';
import { type DataOf, RemovalsRejected, RemovalsReleased, RuleEvaluated, jobLane } from '@provident/contracts';
import { asChangeId, asCycleId } from '@provident/domain';

import type { OpenTarget } from '../targets.js';

export type Decision = DataOf<typeof RuleEvaluated>;

type Facts = Parameters<typeof objectFacts>[1];

/** A decision about the person of that number, with everything that such a decision carries. */
export function decision(
  action: Decision['action'],
  anchor = '1',
  { facts = {}, ...more }: Partial<Decision> & { facts?: Facts } = {},
): Decision {
  const targetId = action === 'create' || action === 'skip' ? null : `t-${anchor}`;
  return {
    ...objectFacts(anchor, facts),
    sourceId: anchor,
    action,
    reason: { code: 'test', text: `it is to be ${action}` },
    scope: { inScope: true, clauses: [] },
    targetId,
    linksNow: false,
    match: { attribute: 'userName', value: `p${anchor}` },
    changes:
      action === 'create'
        ? [{ attribute: 'userName', old: null, new: `p${anchor}` }]
        : action === 'update'
          ? [{ attribute: 'title', old: null, new: 'Dr' }]
          : [],
    enable: false,
    basis: 0,
    failure: null,
    ...more,
  } as Decision;
}

/** That decision in the log. */
export const ruled = (data: Decision): NewEvent => ({
  ...say(RuleEvaluated, `${data.changeId}.rule.${data.attempt}.${data.round}`, data.objectKey, data),
  jobId: aJob,
  lane: '0',
  stage: 'rule-evaluator',
  at: anInstant,
  cause: 0,
  position: 0,
});

/** Somebody asked for that person now. */
export const demanded = (data: Decision, allowRemoval = false): NewEvent => ({
  ...ruled({
    ...data,
    cycleId: asCycleId('on-demand-1'),
    changeId: asChangeId(`on-demand-1.${data.sourceId}`),
    demand: { by: kim, allowRemoval },
  }),
  lane: 'd0',
});
const kim = { kind: 'user' as const, name: 'kim' };

const ofScheduler = { jobId: aJob, lane: jobLane, stage: 'job-scheduler', at: anInstant, cause: 0, position: 0 } as const;
type Chosen = Partial<Pick<DataOf<typeof RemovalsReleased>, 'kinds' | 'objectKeys' | 'waited' | 'by'>>;

/** The scheduler lets the removals of a cycle go, or some of them. */
export const released = (cycleId = 'c-1', proposed = 1, chosen: Chosen = {}): NewEvent => ({
  ...say(RemovalsReleased, `${cycleId}.removals-released`, aJob, {
    jobId: aJob,
    cycleId: asCycleId(cycleId),
    proposed,
    by: { kind: 'system', name: 'provident' },
    ...chosen,
  }),
  ...ofScheduler,
});

/** A person does not want them. */
export const rejected = (cycleId = 'c-1', chosen: Omit<Chosen, 'waited'> = {}): NewEvent => ({
  ...say(RemovalsRejected, `${cycleId}.removals-rejected`, aJob, {
    jobId: aJob,
    cycleId: asCycleId(cycleId),
    proposed: 1,
    by: kim,
    ...chosen,
  }),
  ...ofScheduler,
});

export const openedTarget = (connector: MemoryTarget, concurrency = 8): OpenTarget => ({
  connector,
  gate: new TargetGate(concurrency),
  objectTypeOf: (objectKey) => (objectKey.startsWith('group:') ? 'Group' : 'User'),
  close: () => connector.close(),
});
