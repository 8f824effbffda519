import type { RulesPreviewView } from '@provident/contracts';
import {
  type AttributeMapping,
  type JobDefinition,
  type ObjectMapping,
  expressionIssuesOf,
  sealingOf,
  sourceAttributesIn,
  unopened,
} from '@provident/domain';

type Seen = Omit<RulesPreviewView, 'issues'>;
type Clause = Seen['clauses'][number];

/**
 * What somebody who writes rules may see of an object: nothing that the rules, or those of any job that is there, hold to be nobody's business, whatever
 * the rules make of it. Who may see such values looks at them in the reports, where that is told. Pure.
 * @param applied the jobs that there are
 */
export function withhold(seen: Seen, draft: JobDefinition, rules: ObjectMapping, applied: readonly JobDefinition[]): Seen {
  const sealings = [draft, ...applied].flatMap((each) => sealingOf(each, rules.type) ?? []);
  const sources = new Set(sealings.flatMap(({ source }) => [...source]));
  const own = [draft, ...applied.filter(({ job }) => job === draft.job)].flatMap((each) => sealingOf(each, rules.type) ?? []);
  const targets = new Set(own.flatMap(({ target }) => [...target]));
  const isSensitive = ({ target, source, reference, expression }: AttributeMapping): boolean =>
    targets.has(target) || attributesOf(source, reference, expression).some((name) => sources.has(name));
  const hidden = (clause: Clause): Clause =>
    [...sources].some((name) => clause.clause.startsWith(`${name} `)) ? { ...clause, actual: unopened.sealed } : clause;
  return {
    ...seen,
    displayName: seen.displayName !== null && sources.has(rules.displayName ?? '') ? unopened.sealed : seen.displayName,
    attributes: Object.fromEntries(
      Object.entries(seen.attributes).map(([name, value]) => [name, value !== null && sources.has(name) ? unopened.sealed : value]),
    ),
    clauses: seen.clauses.map(hidden),
    active: seen.active && hiddenActive(seen.active, sources),
    mappings: seen.mappings.map((preview, index) => {
      const mapping = rules.attributes[index]!;
      if (!isSensitive(mapping)) return preview;
      const value = preview.value === null || preview.from === 'default' ? preview.value : unopened.sealed;
      // What is wrong with the expression itself says nothing of a value; what is wrong with its result repeats it.
      const isOfRules = expressionIssuesOf(mapping).length > 0;
      return { ...preview, value, error: preview.error && !isOfRules ? { ...preview.error, message: unopened.sealed } : preview.error };
    }),
  };
}

const hiddenActive = (active: NonNullable<Seen['active']>, sources: ReadonlySet<string>): NonNullable<Seen['active']> =>
  [...sources].some((name) => active.clause.startsWith(`${name} `)) ? { ...active, actual: unopened.sealed } : active;

const attributesOf = (source?: string, reference?: string, expression?: string): readonly string[] =>
  expression === undefined ? [source, reference].filter((name) => name !== undefined) : sourceAttributesIn(expression);
