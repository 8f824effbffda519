import type { AttributeMappingSource } from '@provident/contracts';
import { type AttributeMapping, type Expression, findFunction, parseExpression, printExpression } from '@provident/domain';

/** Where a mapping's value comes from, as a tree; null for one that has only a default. */
export function mappingSource({ source, constant, expression }: AttributeMapping): AttributeMappingSource | null {
  if (source !== undefined) return attribute(source);
  if (constant !== undefined) return constantOf(String(constant));
  if (expression === undefined) return null;
  const parsed = parseExpression(expression);
  return parsed.issue ? { expression, name: expression, type: 'Function', parameters: [] } : expressionSource(parsed.expression);
}

/** An expression as a tree of functions, attributes and constants. A comparison is a function of its two sides. */
export function expressionSource(node: Expression): AttributeMappingSource {
  switch (node.kind) {
    case 'attribute':
      return attribute(node.name);
    case 'text':
      return constantOf(node.value);
    case 'call':
      return { expression: printExpression(node), name: node.name, type: 'Function', parameters: parametersOf(node) };
    case 'comparison':
      return {
        expression: printExpression(node),
        name: node.operator,
        type: 'Function',
        parameters: [
          { key: 'left', value: expressionSource(node.left) },
          { key: 'right', value: expressionSource(node.right) },
        ],
      };
    default:
      return { expression: printExpression(node), name: printExpression(node), type: 'Constant', parameters: [] };
  }
}

const attribute = (name: string): AttributeMappingSource => ({ expression: `[${name}]`, name, type: 'Attribute', parameters: [] });
const constantOf = (value: string): AttributeMappingSource => ({
  expression: printExpression({ kind: 'text', value, at: 0 }),
  name: value,
  type: 'Constant',
  parameters: [],
});

/** Repeated parameters share their name. */
function parametersOf({ name, args }: Expression & { kind: 'call' }): AttributeMappingSource['parameters'] {
  const { parameters = [], repeats = [] } = findFunction(name) ?? {};
  const nameAt = (index: number): string =>
    (parameters[index] ?? repeats[(index - parameters.length) % (repeats.length || 1)])?.name ?? String(index + 1);
  return args.map((argument, index) => ({ key: nameAt(index), value: expressionSource(argument) }));
}
