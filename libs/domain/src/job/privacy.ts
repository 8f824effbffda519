import { sourceAttributesIn } from '../expression/mapping-expression.js';
import { type JobDefinition, type ObjectMapping, mappingOf } from './job-definition.js';

/** Which values of one kind of object are sealed. */
export interface Sealing {
  /** All of them; those below are closed to ordinary readers besides. */
  readonly all: boolean;
  /** Sensitive attributes of the source. */
  readonly source: ReadonlySet<string>;
  /** Sensitive attributes of the target: those marked, and those made of a sensitive one. */
  readonly target: ReadonlySet<string>;
  /** Source attribute that names the object for people. */
  readonly displayName: string;
}

/** What a job seals of one kind of object; null for nothing. */
export function sealingOf(definition: JobDefinition, objectType: string): Sealing | null {
  const mapping = mappingOf(definition, objectType);
  const all = objectType === 'user' && definition.privacy?.seal === 'all';
  const source = new Set(mapping ? sensitiveSources(mapping) : []);
  const target = new Set(mapping ? sensitiveTargets(mapping, source) : []);
  if (!all && source.size === 0 && target.size === 0) return null;
  return { all, source, target, displayName: mapping?.displayName ?? 'displayName' };
}

const sensitiveSources = ({ attributes, sensitive = [] }: ObjectMapping): string[] => [
  ...sensitive,
  ...attributes.flatMap((mapping) => (mapping.sensitive && mapping.source !== undefined ? [mapping.source] : [])),
];

const sensitiveTargets = ({ attributes }: ObjectMapping, sources: ReadonlySet<string>): string[] =>
  attributes
    .filter(({ sensitive, source, expression }) => {
      const from = expression === undefined ? [source ?? ''] : sourceAttributesIn(expression);
      return sensitive === true || from.some((name) => sources.has(name));
    })
    .map(({ target }) => target);
