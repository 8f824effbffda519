import { checkExpression } from '../expression/check-expression.js';
import { attributesIn, type Call, nodesIn } from '../expression/expression.js';
import type { ContextNeed } from '../expression/expression-context.js';
import { type ExpressionIssue, placed } from '../expression/expression-issue.js';
import { findFunction } from '../expression/functions/index.js';
import { readExpression } from '../expression/mapping-expression.js';
import { type Issue, type IssuePath, issueAt } from './issue.js';
import type { AttributeMapping } from './job-definition.js';

/** What the rule evaluator gives an expression that is evaluated once, when the account is created. */
const givenOnCreation: ReadonlySet<ContextNeed> = new Set(['now', 'random', 'newId']);
const nothing: ReadonlySet<ContextNeed> = new Set();

/** What is wrong with a mapping's expression, each with its place in it. */
export function checkMappingExpression(mapping: AttributeMapping, path: IssuePath): Issue[] {
  return expressionIssuesOf(mapping).map((one) => ({
    ...issueAt([...path, 'expression'], placed(mapping.expression ?? '', one)),
    ...(one.nearest !== undefined && { nearest: one.nearest }),
  }));
}

/** The same with the places as numbers of characters, for whoever shows the text itself. */
export function expressionIssuesOf(mapping: AttributeMapping): ExpressionIssue[] {
  if (mapping.expression === undefined) return [];
  const { expression, issue } = readExpression(mapping.expression);
  return issue ? [issue] : [...checkUse(expression, mapping), ...checkSecrets(expression), ...checkMatching(expression, mapping)];
}

function checkUse(expression: Call, { apply, matching }: AttributeMapping): ExpressionIssue[] {
  const isOnce = apply === 'on-create' && matching === undefined;
  return checkExpression(expression, {
    available: isOnce ? givenOnCreation : nothing,
    unless: (need) => {
      if (!givenOnCreation.has(need)) return 'which jobs do not have';
      return matching === undefined
        ? 'which would change the account in every cycle: use it with "apply: on-create"'
        : 'which differs each time: no account could be found by it';
    },
  });
}

/** The provisioning log shows every value that is written, and knows of no exception yet: a secret must not be promised. */
const checkSecrets = (expression: Call): ExpressionIssue[] =>
  nodesIn(expression).flatMap((node) => {
    const definition = node.kind === 'call' ? findFunction(node.name) : undefined;
    if (!definition?.isSecret) return [];
    return [{ at: node.at, message: `${definition.name} is not available in jobs yet: the provisioning log would show the value` }];
  });

const checkMatching = (expression: Call, { matching }: AttributeMapping): ExpressionIssue[] =>
  matching === undefined || attributesIn(expression).length > 0
    ? []
    : [{ at: expression.at, message: 'a matching expression must use an attribute: it would find the same account for everybody' }];
