import { z } from 'zod';

/** Which limit of removals: of all kinds together, of one kind, or of how far the source may shrink. */
export const limitKinds = ['removals', 'disables', 'deletes', 'memberships', 'source'] as const;
export type LimitKind = (typeof limitKinds)[number];

/** What a limit says, as it is typed; the empty text says nothing. */
export const limitParts = ['count', 'percent', 'atLeast'] as const;
export type LimitPart = (typeof limitParts)[number];
export type Limit = Readonly<Record<LimitPart, string>>;

/** The source may shrink by a share, not by a count. */
export const partsOfLimit = (kind: LimitKind): readonly LimitPart[] => (kind === 'source' ? ['percent', 'atLeast'] : limitParts);

/** When cycles run, and how many removals they may do, as it is typed. */
export interface LimitsForm {
  readonly when: 'every' | 'cron';
  readonly every: string;
  readonly cron: string;
  readonly zone: string;
  readonly limits: Readonly<Record<LimitKind, Limit>>;
}

type Parts = Readonly<Record<string, unknown>>;
const anything = z.looseObject({}).catch({});
const partsOf = (given: unknown): Parts => anything.parse(given ?? {});

const typed = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
/** A number as one; anything else as it is, so that whoever checks the job can say what is wrong with it. */
const meant = (text: string): string | number | undefined => {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return /^\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
};
const withValue = (parts: Parts): Parts => Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
const orNothing = (parts: Parts): Parts | undefined => (Object.keys(parts).length === 0 ? undefined : parts);

/** @param definition of a job, whatever it does not say left to its defaults */
export function limitsFormOf(definition: Parts): LimitsForm {
  const schedule = partsOf(definition['schedule']);
  const removals = partsOf(partsOf(definition['thresholds'])['removals']);
  const limitOf = (kind: LimitKind): Limit => {
    const given = kind === 'removals' ? removals : partsOf(removals[kind]);
    return { count: typed(given['count']), percent: typed(given['percent']), atLeast: typed(given['atLeast']) };
  };
  return {
    when: schedule['cron'] === undefined ? 'every' : 'cron',
    every: typed(schedule['every']),
    cron: typed(schedule['cron']),
    zone: typed(schedule['zone']),
    limits: Object.fromEntries(limitKinds.map((kind) => [kind, limitOf(kind)])) as Record<LimitKind, Limit>,
  };
}

/** For the job file: its schedule and its thresholds with what was typed, and the rest of both as it is; undefined when there is nothing to say. */
export function limitsOf(
  form: LimitsForm,
  definition: Parts,
): { readonly schedule: Parts | undefined; readonly thresholds: Parts | undefined } {
  const { every: _every, cron: _cron, zone: _zone, ...schedule } = partsOf(definition['schedule']);
  const { removals: _removals, ...thresholds } = partsOf(definition['thresholds']);
  const limitOf = (kind: LimitKind): Parts =>
    withValue(Object.fromEntries(partsOfLimit(kind).map((part) => [part, meant(form.limits[kind][part])])));
  const byKind = limitKinds.filter((kind) => kind !== 'removals').map((kind) => [kind, orNothing(limitOf(kind))]);
  const removals = orNothing(withValue({ ...limitOf('removals'), ...Object.fromEntries(byKind) }));
  const text = (value: string): string | undefined => (value.trim() === '' ? undefined : value.trim());
  return {
    schedule: orNothing(
      withValue({ every: text(form.every), cron: form.when === 'cron' ? form.cron.trim() : undefined, zone: text(form.zone), ...schedule }),
    ),
    thresholds: orNothing(withValue({ removals, ...thresholds })),
  };
}
