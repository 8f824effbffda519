import { z } from 'zod';

import { Issue } from '../command-answer.js';

/** What whoever writes the rules of a job needs to know: the attributes of both systems, the functions, and what the rules make of somebody. */

const AttributeView = z.object({
  /** As mappings write it. */
  name: z.string(),
  type: z.string(),
  multiValued: z.boolean(),
  required: z.boolean(),
  readOnly: z.boolean(),
});

const SystemView = z.object({
  /** What the system calls itself; null when it could not be asked. */
  name: z.string().nullable(),
  /** Why it could not be asked, in a sentence. */
  problem: z.string().nullable(),
  /** `complete: false`: the system may have more attributes than it tells. */
  objectTypes: z.array(z.object({ name: z.string(), complete: z.boolean(), attributes: z.array(AttributeView) })),
});
export type SystemView = z.infer<typeof SystemView>;

/** Both systems of a job file, as they describe themselves. */
export const SystemsView = z.object({ source: SystemView, target: SystemView });
export type SystemsView = z.infer<typeof SystemsView>;

export const FunctionView = z.object({
  name: z.string(),
  family: z.string(),
  /** `Join(separator, source, source?, ...)` */
  signature: z.string(),
  /** What it does, in Markdown. */
  summary: z.string(),
  example: z.object({ expression: z.string(), gives: z.unknown() }).nullable(),
});
export type FunctionView = z.infer<typeof FunctionView>;

/** What expressions and scoping filters are written with. */
export const RulesVocabularyView = z.object({
  functions: z.array(FunctionView),
  operators: z.array(z.object({ name: z.string(), takesValue: z.boolean() })),
});
export type RulesVocabularyView = z.infer<typeof RulesVocabularyView>;

const Clause = z.object({ clause: z.string(), actual: z.string(), holds: z.boolean() });

/** What rules make of one object of the source as it is now. */
export const RulesPreviewView = z.object({
  /** False: the source has no such object, and nothing below is known. */
  found: z.boolean(),
  /** In the source. */
  id: z.string(),
  displayName: z.string().nullable(),
  /** Attributes of the source that the rules look at. */
  attributes: z.record(z.string(), z.unknown()),
  inScope: z.boolean(),
  /** Every condition of every scoping filter, with the value that it met. */
  clauses: z.array(Clause.extend({ filter: z.string() })),
  active: Clause.nullable(),
  /** One for each mapping, in their order: what a new account would get. */
  mappings: z.array(
    z.object({
      target: z.string(),
      /** Null: nothing would be written. */
      value: z.unknown(),
      from: z.enum(['source', 'default', 'reference']),
      /** `at`: characters from the start of the expression. */
      error: z.object({ at: z.number(), message: z.string() }).nullable(),
    }),
  ),
  /** What else is wrong with the rules. */
  issues: z.array(Issue),
});
export type RulesPreviewView = z.infer<typeof RulesPreviewView>;

export const rulesPaths = {
  vocabulary: '/provident/v1/rules/vocabulary',
  systems: '/provident/v1/rules/systems',
  preview: '/provident/v1/rules/preview',
} as const;
