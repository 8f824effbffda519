import { attributesIn } from './expression.js';
import { softDeleted } from './evaluate-expression.js';
import { type ParsedExpression, parseExpression } from './parse-expression.js';

const remembered = new Map<string, ParsedExpression>();

/** The tree of a mapping's expression. The same text is read once: rules apply the same few expressions to every object. */
export function readExpression(text: string): ParsedExpression {
  const known = remembered.get(text);
  if (known) return known;
  if (remembered.size >= 500) remembered.clear();
  const parsed = parseExpression(text);
  remembered.set(text, parsed);
  return parsed;
}

/** Source attributes that a mapping's expression looks at; the computed ones are not among them. */
export function sourceAttributesIn(text: string): string[] {
  const parsed = readExpression(text);
  return parsed.issue ? [] : attributesIn(parsed.expression).filter((name) => name !== softDeleted);
}
