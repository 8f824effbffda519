import { z } from 'zod';

import { longestExpression } from '../expression/parse-expression.js';
import { jobIdPattern } from '../object/ids.js';
import { cronIssue } from '../schedule/cron.js';
import { parseDays } from '../schedule/windows.js';
import { isZone } from '../schedule/zone.js';
import { scopeOperators } from '../scope/operators.js';
import { Duration } from './duration.js';
import { Notify } from './notify.js';
import { Privacy } from './privacy-mode.js';
import { Rate } from './rate.js';
import { Retention } from './retention.js';

export { durationMs } from './duration.js';

/** Kinds of objects, in the order in which they are read: what refers to others comes after them. */
export const objectTypes = ['user', 'group'] as const;
export type ObjectType = (typeof objectTypes)[number];

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

export const ScopeClause = z
  .strictObject({
    attribute: z.string().min(1).describe('Source attribute that is looked at.'),
    operator: z.enum(scopeOperators).describe('How it is compared.'),
    value: Scalar.optional().describe('What it is compared with; absent for the operators that take no value.'),
  })
  .describe('One condition on one source attribute.');
export type ScopeClause = z.infer<typeof ScopeClause>;

export const ScopeGroup = z
  .strictObject({
    name: z.string().min(1).describe('Title, shown in the reason of every skip.'),
    all: z.array(ScopeClause).min(1).describe('Conditions that must all hold.'),
  })
  .describe('A scoping filter. An object is in scope when one filter holds; with no filter at all, every object is.');
export type ScopeGroup = z.infer<typeof ScopeGroup>;

export const Assigned = z
  .strictObject({
    ids: z.array(z.string().min(1)).min(1).max(10_000).optional().describe('Objects that are assigned, by their id in the source.'),
    groups: z
      .array(z.string().min(1))
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Groups of the source, by their id there: whoever belongs to one of them is assigned. Of groups: these groups themselves are.',
      ),
    nested: z
      .boolean()
      .default(false)
      .describe('Whether those count too who belong to such a group by way of groups within it. Otherwise direct members alone do.'),
  })
  .refine(({ ids, groups }) => ids !== undefined || groups !== undefined, {
    message: 'say who is assigned: give "groups", "ids" or both',
    path: ['groups'],
  })
  .describe(
    'Only assigned objects are in scope: those that are listed, and the members of named groups. Scoping filters have to hold besides. The groups need not be provisioned themselves.',
  );
/** Whom a job is for, besides what its scoping filters say. */
export type Assigned = z.infer<typeof Assigned>;

export const AttributeMapping = z
  .strictObject({
    target: z.string().min(1).describe('Target attribute, in the notation of the target system, such as `emails[type eq "work"].value`.'),
    source: z.string().min(1).optional().describe('Direct mapping: the source attribute whose value is copied.'),
    constant: Scalar.optional().describe('Constant mapping: the value that is written.'),
    expression: z
      .string()
      .min(1)
      .max(longestExpression)
      .optional()
      .describe(
        'Expression mapping: a function that computes the value, such as `Join(".", [firstName], [lastName])`; see expressions.md.',
      ),
    reference: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Reference mapping: the source attribute that holds the anchor of another object of this job, such as a manager. The id of its account is written, as soon as it has one; without a value the reference is cleared.',
      ),
    referenceType: z.enum(objectTypes).optional().describe('Kind of the object that `reference` names; `user` by default.'),
    default: Scalar.optional().describe('Value used on creation when the source has none.'),
    matching: z
      .int()
      .min(1)
      .optional()
      .describe('Matching precedence: mappings that carry one are used to find the account, the lowest first.'),
    apply: z
      .enum(['always', 'on-create'])
      .default('always')
      .describe('Whether the mapping is applied at every change or only when the account is created.'),
    required: z
      .boolean()
      .default(false)
      .describe('Whether an account is not created, and the object fails, when there is no value. An update leaves what is there.'),
    caseExact: z.boolean().default(true).describe('Whether a difference only in letter case counts as a change.'),
    sensitive: z
      .boolean()
      .optional()
      .describe(
        'Whether the value is nobody\'s business, such as an identity number: it is sealed in the log, with the source attribute that is copied, and shown as "(sealed)".',
      ),
  })
  .superRefine((mapping, context) => {
    const [first, second] = (['source', 'constant', 'expression', 'reference'] as const).filter((key) => mapping[key] !== undefined);
    if (second) context.addIssue({ code: 'custom', message: `give either "${first}" or "${second}", not both`, path: [second] });
    if (!first && mapping.default === undefined)
      context.addIssue({
        code: 'custom',
        message: 'give one of "source", "constant", "expression", "reference" or "default"',
        path: ['source'],
      });
  })
  .describe('How one target attribute gets its value.');
export type AttributeMapping = z.infer<typeof AttributeMapping>;

const Removal = z.enum(['disable', 'delete', 'ignore']);
type Removal = z.infer<typeof Removal>;

/** What differs between the kinds of objects when the file does not say it. A group cannot be disabled: one that is not wanted is deleted. */
const typeDefaults: Readonly<Record<ObjectType, { readonly target: string; readonly outOfScope: Removal; readonly inactive: Removal }>> = {
  user: { target: 'User', outOfScope: 'disable', inactive: 'disable' },
  group: { target: 'Group', outOfScope: 'delete', inactive: 'delete' },
};

export const ObjectMapping = z
  .strictObject({
    type: z.enum(objectTypes).describe('Kind of object. Users are read before groups, whatever their order here.'),
    source: z.string().min(1).optional().describe('Object type in the source system; by default named as the kind of object.'),
    target: z.string().min(1).optional().describe('Object type in the target system; by default `User` and `Group`.'),
    actions: z
      .array(z.enum(['create', 'update', 'disable', 'delete']))
      .default(['create', 'update', 'disable', 'delete'])
      .describe('What may be done in the target; anything else is skipped and says so.'),
    assigned: Assigned.optional(),
    scope: z.array(ScopeGroup).default([]).describe('Scoping filters; one that holds puts the object in scope.'),
    active: ScopeClause.optional().describe('When the object counts as active in the source. Without it every one does.'),
    displayName: z.string().min(1).optional().describe('Source attribute that names the object for people in logs and reports.'),
    sensitive: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Source attributes that are sensitive, and whatever is made of them, as if each mapping were marked so.'),
    attributes: z.array(AttributeMapping).min(1).describe('Attribute mappings.'),
    nested: z
      .enum(['keep', 'flatten', 'refuse'])
      .optional()
      .describe(
        'Of groups: what becomes of a group that is a member of another. `keep` (the default) writes it as a member, `flatten` writes the people in it instead, `refuse` leaves it out. What is left out says why.',
      ),
    removals: z
      .strictObject({
        outOfScope: Removal.optional().describe(
          'What happens to an account whose object left the scope; `disable` by default, `delete` for groups.',
        ),
        inactive: Removal.optional().describe(
          'What happens to an account whose object is no longer active; `disable` by default, `delete` for groups.',
        ),
        deleted: Removal.default('delete').describe('What happens to an account whose object is gone from the source.'),
      })
      .prefault({})
      .describe('What happens to accounts that are no longer wanted.'),
  })
  .transform(({ source, target, removals, ...mapping }) => {
    const defaults = typeDefaults[mapping.type];
    return {
      ...mapping,
      source: source ?? mapping.type,
      target: target ?? defaults.target,
      removals: { ...removals, outOfScope: removals.outOfScope ?? defaults.outOfScope, inactive: removals.inactive ?? defaults.inactive },
    };
  })
  .describe('How one kind of object travels from the source to the target.');
export type ObjectMapping = z.infer<typeof ObjectMapping>;

const SystemRef = z.strictObject({
  connector: z.string().min(1).describe('Which connector speaks to the system.'),
  name: z.string().min(1).optional().describe("Name of the system for people; the connector's own by default."),
  config: z.record(z.string(), z.unknown()).default({}).describe('Settings of the connector; each connector documents its own.'),
});

const Zone = z.string().refine(isZone, 'no time zone of that name is known; such names are Europe/Berlin or UTC');
const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 22:00');

const ScheduleWindow = z
  .strictObject({
    days: z
      .string()
      .refine((text) => parseDays(text) !== null, 'days such as mon-fri or sat,sun')
      .default('mon-sun')
      .describe('Days on which it begins: names of three letters, alone, in a list or as a range, such as `mon-fri` or `sat,sun`.'),
    from: TimeOfDay.describe('When it begins, such as `22:00`.'),
    to: TimeOfDay.describe('When it ends; on the next day unless it is later than `from`.'),
    zone: Zone.optional().describe("Time zone of both; the schedule's by default."),
  })
  .describe('A time in which cycles may open by themselves.');

/** Limits of one kind of removal; what is left out is as for all removals. */
const OwnLimit = z.strictObject({
  count: z.int().min(0).optional().describe('More than this in one cycle are held.'),
  percent: z.number().min(0).max(100).optional().describe('More than this share is held.'),
  atLeast: z.int().min(0).optional().describe('So few are always released, whatever share they are.'),
});

/** A job as its file says it, with every default filled in. */
export const JobDefinition = z
  .strictObject({
    job: z
      .string()
      .regex(jobIdPattern, 'lower-case letters, digits and hyphens, at most 63, no hyphen at either end')
      .describe('Id of the job.'),
    name: z.string().min(1).optional().describe('Name of the job for people.'),
    template: z
      .string()
      .regex(jobIdPattern)
      .optional()
      .describe('Id of the job that this one was made from: in the API of Microsoft Graph, both are jobs of the same application.'),
    source: SystemRef.describe('Where people come from.'),
    target: SystemRef.extend({ rate: Rate.optional() }).describe('Where accounts are kept in step.'),
    objects: z.array(ObjectMapping).min(1).max(objectTypes.length).describe('What is provisioned, and how; each kind of object once.'),
    schedule: z
      .strictObject({
        every: Duration.default('40m').describe('Time from the start of one cycle to the start of the next; at least 10s.'),
        cron: z
          .string()
          .superRefine((text, context) => {
            const issue = cronIssue(text);
            if (issue !== null) context.addIssue({ code: 'custom', message: issue });
          })
          .optional()
          .describe('Cycles open at these times instead: a cron expression of five fields, such as `0 */2 * * mon-fri`.'),
        windows: z
          .array(ScheduleWindow)
          .min(1)
          .optional()
          .describe('Cycles open in one of these times only; one that is open when it ends goes on. A person may run a cycle at any time.'),
        zone: Zone.optional().describe('Time zone of `cron` and `windows`; UTC by default.'),
        drift: z
          .strictObject({
            every: Duration.default('7d').describe('The first cycle that opens so long after the last such look takes it.'),
            mode: z
              .enum(['report', 'repair'])
              .default('report')
              .describe('Whether what was changed by hand is told and left, or changed back.'),
          })
          .optional()
          .describe(
            'From time to time a cycle looks at the accounts too, and compares them with what the rules expect. Without this, one that nobody at the source has touched is not looked at.',
          ),
        paused: z.boolean().default(false).describe('Whether the job waits for a person to run it.'),
      })
      .prefault({})
      .describe('When cycles run.'),
    thresholds: z
      .strictObject({
        removals: z
          .strictObject({
            count: z.int().min(0).default(500).describe('More removals than this in one cycle are held.'),
            percent: z.number().min(0).max(100).default(20).describe('More removals than this share of the accounts in step are held.'),
            atLeast: z.int().min(0).default(5).describe('So few removals are always released, whatever share they are.'),
            disables: OwnLimit.optional().describe('Limits of accounts that are disabled, besides those of both together.'),
            deletes: OwnLimit.optional().describe('Limits of accounts that are deleted, besides those of both together.'),
            memberships: OwnLimit.optional().describe(
              'Limits of members that leave groups: `count` and `percent` of all memberships in one cycle, `percent` of the members of one group too. What is not said here is as above.',
            ),
            source: OwnLimit.omit({ count: true })
              .optional()
              .describe(
                'More objects of one kind than this share gone from the source hold every removal. What is not said here is as above.',
              ),
          })
          .prefault({})
          .describe(
            'When removals are held for a person to release or reject: disabled and deleted accounts together, and more closely by kind.',
          ),
        failures: z
          .strictObject({
            percent: z
              .number()
              .min(0)
              .max(100)
              .default(40)
              .describe('A cycle with a larger share of failed objects puts the job in quarantine.'),
            atLeast: z.int().min(1).default(20).describe('Fewer failures than this never do.'),
            count: z
              .int()
              .min(1)
              .default(40_000)
              .describe('More failures than this in one cycle do, whatever share they are; references apart.'),
            total: z.int().min(1).default(60_000).describe('More failures than this in one cycle do, those of references among them.'),
          })
          .prefault({})
          .describe('When failures put the whole job in quarantine.'),
      })
      .prefault({})
      .describe('Limits that protect the target.'),
    retry: z
      .strictObject({
        after: z
          .array(Duration)
          .min(1)
          .default(['6h', '12h', '24h'])
          .describe('Times after the first failure at which a failed object is tried again.'),
        thenEvery: Duration.default('24h').describe('Interval after the last of them.'),
        giveUpAfter: Duration.default('28d').describe('Time after the first failure at which it is given up.'),
      })
      .prefault({})
      .describe('The retry ladder of failed objects.'),
    quarantine: z
      .strictObject({
        probeAfter: Duration.default('1m').describe(
          'Time after which the connection of a job in quarantine is probed; then after twice, four times … that, up to an hour.',
        ),
        disableAfter: Duration.default('28d').describe('Time in quarantine after which the job is disabled until a person starts it.'),
      })
      .prefault({})
      .describe('How a job in quarantine finds its way out.'),
    notify: Notify.optional(),
    retention: Retention.optional(),
    privacy: Privacy.optional(),
    lanes: z
      .int()
      .min(1)
      .max(64)
      .default(4)
      .describe('How many parts of the job may be worked on by different instances at once. Fixed for the life of the job.'),
  })
  .describe('A provisioning job: one source, one target, and the rules between them.');
export type JobDefinition = z.infer<typeof JobDefinition>;

/** The rules for one kind of object; undefined when the job does not provision it. */
export const mappingOf = ({ objects }: Pick<JobDefinition, 'objects'>, type: string): ObjectMapping | undefined =>
  objects.find((mapping) => mapping.type === type);
