import type { DataOf, EventDefinition } from '@provident/contracts';
import {
  DriftFound,
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  EscrowWoken,
  ExportDeferred,
  ExportFailed,
  LinkRemoved,
  LinkRepaired,
  MembershipsImported,
  ObjectExported,
  ObjectImportFailed,
  RemovalHeld,
  RemovalRejected,
  RemovalWithdrawn,
  RetryDue,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
} from '@provident/contracts';

import { changesSaid, doneTo, membersSaid, said, sentenceOf, type Systems } from './words.js';

type Side = 'source' | 'target' | 'provident';

interface Sentence {
  readonly system: (data: never) => Side;
  readonly text: (data: never, systems: Systems) => string;
}

const sentence = <Definition extends EventDefinition>(
  definition: Definition,
  system: Side | ((data: DataOf<Definition>) => Side),
  text: (data: DataOf<Definition>, systems: Systems) => string,
): readonly [string, Sentence] => [definition.type, { system: typeof system === 'function' ? system : () => system, text }];

const sourceChange = {
  added: 'it is new there',
  updated: 'it has changed there',
  deleted: 'it is gone from there',
  again: 'taken up again, unchanged there',
} as const;

const sentences: ReadonlyMap<string, Sentence> = new Map([
  sentence(SourceObjectImported, 'source', ({ change, sourceId, part, demand }, { source }) =>
    part === 'members'
      ? `members of ${said(sourceId)} from ${source} that are to be written now`
      : `read ${said(sourceId)} from ${source}: ${sourceChange[change]}${demand ? `; ${demand.by.name} asked for it` : ''}`,
  ),
  sentence(TargetObjectImported, 'target', foundInTarget),
  sentence(
    ObjectImportFailed,
    ({ side }) => side,
    ({ side, place, failure }, systems) =>
      `could not be read from ${systems[side]}${place === null ? '' : ` (${place})`}: ${failure.message}`,
  ),
  sentence(MembershipsImported, 'source', ({ added, removed, refused }, { source }) => {
    const left = refused.length > 0 ? `; left out: ${refused.map(({ text }) => text).join(', ')}` : '';
    return `${source} says that ${added.length} came and ${removed.length} left${left}`;
  }),
  sentence(RuleEvaluated, 'provident', ruling),
  sentence(ObjectExported, 'target', ({ action, targetId, changes, enabled, members }, { target }) => {
    const what = [...(changes.length > 0 ? [changesSaid(changes)] : []), ...(members ? [membersSaid(members)] : [])];
    const written = what.length > 0 ? `: ${what.join('; ')}` : '';
    return `${doneTo[action]} ${said(targetId)} in ${target}${enabled && action === 'update' ? ', and enabled it again' : ''}${written}`;
  }),
  sentence(ExportFailed, 'target', ({ action, failure }, { target }) => `could not be ${doneTo[action]} in ${target}: ${failure.message}`),
  sentence(RemovalHeld, 'provident', ({ action, reason }, { target }) => `not yet ${doneTo[action]} in ${target}: ${reason.text}`),
  sentence(RemovalRejected, 'provident', ({ action, reason }, { target }) => `not ${doneTo[action]} in ${target}: ${reason.text}`),
  sentence(RemovalWithdrawn, 'provident', ({ reason }) => `the removal that waited is dropped: ${reason.text}`),
  sentence(
    ExportDeferred,
    'provident',
    ({ action, reason }, { target }) => `not ${doneTo[action]} in ${target} but looked at again: ${reason.text}`,
  ),
  sentence(DriftFound, 'target', ({ account, attributes, members, targetId, mode }, { target }) => {
    const values = attributes.map((each) => `${each.attribute} is ${said(each.found)} instead of ${said(each.expected)}`);
    return `${said(targetId)} in ${target} is not as the rules made it: ${[...driftStates[account], ...values, ...membersText(members)].join(', ')}${mode === 'repair' ? '; to be changed back' : ''}`;
  }),
  sentence(
    LinkRemoved,
    'target',
    ({ targetId, by }, { target }) =>
      `${by.name} took the link to ${said(targetId)} in ${target} away: the next cycle looks for the account anew`,
  ),
  sentence(
    LinkRepaired,
    'target',
    ({ targetId, formerId, by }, { target }) =>
      `${by.name} linked it to ${said(targetId)} in ${target}${formerId === null ? '' : ` instead of ${said(formerId)}`}`,
  ),
  sentence(
    EscrowRecorded,
    'provident',
    ({ nextAttemptAt, retries }) =>
      `kept in escrow after ${counted(retries + 1, 'attempt', 'attempts')}: ${nextAttemptAt === null ? 'waits for a change' : `tried again at ${nextAttemptAt}`}`,
  ),
  sentence(
    EscrowWoken,
    'provident',
    ({ wokenBy, by }) => `to be tried again before its time: ${wokenBecause[wokenBy]}${by ? ` (${by.name})` : ''}`,
  ),
  sentence(
    EscrowSuperseded,
    'provident',
    ({ wokenBy, next }) => `tried again as a part of cycle ${next.cycleId}: ${wokenBecause[wokenBy]}`,
  ),
  sentence(RetryDue, 'provident', ({ wokenBy, attempt, cause, nextAttemptAt }) =>
    [
      `tried again (retry ${attempt}): ${wokenBecause[wokenBy]}`,
      ...(cause ? [`until now ${said(cause.text)}`] : []),
      ...(nextAttemptAt === undefined
        ? []
        : [nextAttemptAt === null ? 'given up if it fails again' : `if it fails again, next at ${nextAttemptAt}`]),
    ].join('; '),
  ),
  sentence(EscrowCleared, 'provident', ({ retries, outcome }) => `out of escrow after ${counted(retries, 'retry', 'retries')}: ${outcome}`),
  sentence(
    EscrowExpired,
    'provident',
    ({ retries, firstFailedAt, failure, because }) =>
      `${because === 'restart' ? 'no longer tried again, for the job was restarted,' : 'given up'} after ${counted(retries, 'retry', 'retries')} since ${firstFailedAt}: ${failure.message}`,
  ),
]);

function membersText(members: DataOf<typeof DriftFound>['members']): string[] {
  if (!members) return [];
  const { missing, added, examples } = members;
  const named = (count: number, some: readonly string[]): string => `${some.join(', ')}${count > some.length ? ' and others' : ''}`;
  return [
    ...(missing > 0 ? [`${counted(missing, 'member is', 'members are')} missing (${named(missing, examples.missing)})`] : []),
    ...(added > 0 ? [`${counted(added, 'member was', 'members were')} put in by hand (${named(added, examples.added)})`] : []),
  ];
}

const driftStates = {
  differs: [],
  disabled: ['it was disabled'],
  enabled: ['it is in use though it was disabled'],
  vanished: ['it is gone'],
} as const;

const counted = (count: number, one: string, several: string): string => `${count} ${count === 1 ? one : several}`;

const wokenBecause = {
  ladder: 'its time has come',
  person: 'somebody asked for it',
  source: 'it has changed in the source',
  rules: 'the rules have changed',
  target: 'the target answers again',
} as const;

function foundInTarget({ by, tried, matches, linkedId }: DataOf<typeof TargetObjectImported>, { target }: Systems): string {
  if (by === 'link' && matches.length > 0)
    return `found in ${target} by its link: ${said(matches[0]!.id)}${matches[0]!.state === 'disabled' ? ', disabled' : ''}`;
  const lost = linkedId === null ? '' : `the linked account ${said(linkedId)} is not in ${target} any more; `;
  const asked = tried.find(({ found }) => found > 0) ?? tried.at(-1);
  if (!asked) return linkedId === null ? `not looked for in ${target}` : lost.slice(0, -2);
  const value = `${asked.attribute} ${said(asked.value)}`;
  if (matches.length === 0)
    return `${lost}not found in ${target}: nothing has ${tried.map((one) => `${one.attribute} ${said(one.value)}`).join(' or ')}`;
  if (matches.length > 1)
    return `${lost}${matches.length} accounts in ${target} have ${value}: ${matches.map(({ id }) => said(id)).join(', ')}`;
  return `${lost}found in ${target} by ${value}: ${said(matches[0]!.id)}${matches[0]!.state === 'disabled' ? ', disabled' : ''}`;
}

function ruling(
  { action, reason, scope, match, changes, enable, failure, members, part }: DataOf<typeof RuleEvaluated>,
  { target }: Systems,
): string {
  if (action === 'fail') return `cannot be decided: ${failure?.message ?? reason.text}`;
  const parts = part ? [] : [scopeSaid(scope)];
  if (action === 'skip') return sentenceOf([...parts, `nothing is done: ${reason.text}`]);
  if (match) parts.push(`matched by ${match.attribute} ${said(match.value)}`);
  if (action === 'unchanged') return sentenceOf([...parts, `nothing to do: ${reason.text}`]);
  parts.push(`to be ${doneTo[action]} in ${target}: ${reason.text}`);
  if (enable) parts.push('to be enabled again');
  if (changes.length > 0) parts.push(changesSaid(changes));
  if (members) parts.push(membersSaid(members));
  return sentenceOf(parts);
}

function scopeSaid({ inScope, clauses }: DataOf<typeof RuleEvaluated>['scope']): string {
  if (!inScope) {
    const [failed] = clauses.filter(({ holds }) => !holds);
    return failed ? `not in scope: "${failed.filter}" wants ${failed.clause}, the value is ${said(failed.actual)}` : 'not in scope';
  }
  const holding = clauses.findLast(({ holds }) => holds)?.filter;
  return holding === undefined ? 'in scope' : `in scope by "${holding}"`;
}

/** One step of a change in a sentence, and the system that it speaks of. */
export function stepText(type: string, data: unknown, systems: Systems): { system: Side; text: string } {
  const known = sentences.get(type);
  return known ? { system: known.system(data as never), text: known.text(data as never, systems) } : { system: 'provident', text: type };
}
