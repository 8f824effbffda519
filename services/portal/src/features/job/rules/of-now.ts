import type { RulesPreviewView } from '@provident/contracts/http';

import type { ObjectRules } from '../../../shared/revisions.js';

/** What was found of each condition and each mapping of some rules, in their order; undefined where that one has not been tried yet. */
export interface Found {
  readonly clauses: readonly (RulesPreviewView['clauses'][number] | undefined)[];
  readonly active: RulesPreviewView['active'] | undefined;
  readonly mappings: readonly (RulesPreviewView['mappings'][number] | undefined)[];
}

/**
 * What was found when other rules were tried, for those of now: a condition or mapping that is the same keeps what was found, wherever it stands now, and
 * one that has been changed or is new has nothing. Pure.
 * @param tried the rules that the preview is of
 */
export const ofNow = (view: Pick<RulesPreviewView, 'clauses' | 'active' | 'mappings'>, tried: ObjectRules, now: ObjectRules): Found => ({
  clauses: matched(conditionsOf(tried), view.clauses, conditionsOf(now)),
  active: JSON.stringify(tried.active) === JSON.stringify(now.active) ? view.active : undefined,
  mappings: matched(tried.attributes, view.mappings, now.attributes),
});

/** In the order in which verdicts come. */
const conditionsOf = ({ assigned, scope = [] }: ObjectRules): unknown[] => [
  ...(assigned === undefined ? [] : [assigned]),
  ...scope.flatMap(({ all }) => all),
];

function matched<Result>(tried: readonly unknown[], results: readonly Result[], now: readonly unknown[]): (Result | undefined)[] {
  const found = new Map(tried.map((rule, at) => [JSON.stringify(rule), results[at]]));
  return now.map((rule) => found.get(JSON.stringify(rule)));
}
