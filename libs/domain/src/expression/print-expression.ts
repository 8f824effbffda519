import type { Expression } from './expression.js';

/** An expression as text, in one line. Reading it gives the same tree. */
export function printExpression(node: Expression): string {
  switch (node.kind) {
    case 'call':
      return `${node.name}(${node.args.map(printExpression).join(', ')})`;
    case 'attribute':
      return `[${node.name}]`;
    case 'text':
      return `"${node.value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
    case 'number':
      return String(node.value);
    case 'boolean':
      return node.value ? 'True' : 'False';
    case 'keyword':
      return node.name;
    case 'omitted':
      return '';
    case 'comparison':
      return `${printExpression(node.left)} ${node.operator} ${printExpression(node.right)}`;
  }
}
