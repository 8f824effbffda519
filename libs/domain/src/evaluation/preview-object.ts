import type { ExpressionContext } from '../expression/expression-context.js';
import { expressionIssuesOf } from '../job/check-mapping-expression.js';
import type { AttributeMapping, ObjectMapping } from '../job/job-definition.js';
import { evaluateSource, valueSourceOf } from '../mapping/evaluate-source.js';
import { type AttributeBag, type AttributeValue, isEmptyValue } from '../object/attributes.js';
import { valueAt } from '../object/value-at.js';
import { type EvaluatedClause, evaluateClause } from '../scope/evaluate-clause.js';
import { evaluateAssignment } from '../scope/evaluate-assignment.js';
import type { ClauseVerdict } from '../scope/evaluate-scope.js';
import { assignmentFilter, evaluateWanted } from '../scope/evaluate-wanted.js';

/** What one mapping makes of one object when its account is created. */
export interface PreviewedMapping {
  readonly target: string;
  /** Null: nothing would be written. */
  readonly value: AttributeValue;
  /** `default`: the source has no value and the default steps in. `reference`: the value is the anchor of another object, whose account is meant. */
  readonly from: 'source' | 'default' | 'reference';
  /** Why there is no value: its place counts characters of the expression, 0 for the first. */
  readonly error: { readonly at: number; readonly message: string } | null;
}

/** What rules make of one object, before any target is asked. */
export interface ObjectPreview {
  readonly inScope: boolean;
  /** Every condition of every scoping filter, also of those behind the first that holds. */
  readonly clauses: readonly ClauseVerdict[];
  /** The condition on being active; null where there is none. */
  readonly active: EvaluatedClause | null;
  /** In the order of the mappings. */
  readonly mappings: readonly PreviewedMapping[];
}

/** Rules that are being written, tried on one object. A mapping that is wrong says so, and the others go on. Pure. */
export function previewObject(rules: ObjectMapping, attributes: AttributeBag, context: ExpressionContext): ObjectPreview {
  return {
    inScope: evaluateWanted(rules, attributes).inScope,
    clauses: [
      ...assignmentOf(rules, attributes),
      ...rules.scope.flatMap(({ name, all }) => all.map((clause) => ({ filter: name, ...evaluateClause(clause, attributes) }))),
    ],
    active: rules.active ? evaluateClause(rules.active, attributes) : null,
    mappings: rules.attributes.map((mapping) => previewed(mapping, attributes, context)),
  };
}

const assignmentOf = ({ assigned, type }: ObjectMapping, attributes: AttributeBag): ClauseVerdict[] =>
  assigned ? [{ filter: assignmentFilter, ...evaluateAssignment(assigned, type, attributes) }] : [];

function previewed(mapping: AttributeMapping, attributes: AttributeBag, context: ExpressionContext): PreviewedMapping {
  const { target, reference, default: fallback } = mapping;
  if (reference !== undefined) return { target, value: valueAt(attributes, reference), from: 'reference', error: null };
  const [issue] = expressionIssuesOf(mapping);
  if (issue) return { target, value: null, from: 'source', error: { at: issue.at, message: issue.message } };
  const { value = null, error } = evaluateSource(valueSourceOf(mapping), attributes, context);
  if (error) return { target, value: null, from: 'source', error: { at: error.at, message: error.message } };
  if (isEmptyValue(value) && fallback !== undefined) return { target, value: fallback, from: 'default', error: null };
  return { target, value: isEmptyValue(value) ? null : value, from: 'source', error: null };
}
