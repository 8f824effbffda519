import { signatureOf } from './bind-arguments.js';
import type { FunctionDefinition, FunctionExample } from './function-definition.js';
import type { Parameter } from './parameter.js';
import { functionFamilies } from './functions/index.js';

const intro = `# Expressions

The value of a mapping with \`expression\` is computed by a function. This page is generated from the functions themselves, and its examples are run by the tests.

\`\`\`yaml
- target: displayName
  expression: 'Join(" ", [firstName], [lastName])'
\`\`\`

Try one out with \`provident expression 'Join(" ", [firstName], [lastName])' --with person.json\`, which shows the value of every part.

## How they are written

- The whole is one function call: \`Name(argument, …)\`. Calls nest up to 64 deep; an expression has at most 10,000 characters. Names may be written in any case.
- \`[name]\` is an attribute of the source, whose name counts as it is written; brackets inside come in pairs: \`[emails[type eq "work"].value]\`. One that the source does not give is null.
- \`"text"\` stands in double quotes. A backslash and a double quote inside are written \`\\\\\` and \`\\"\`, so every backslash of a pattern is doubled.
- Numbers are whole, and may be hexadecimal: \`&HF7\`. \`True\` and \`False\` are what they say.
- Between two commas nothing may stand: that argument is left out. Where an argument has to stand the checks say so.
- Comparisons (\`=\`, \`<>\`, \`>\`, \`>=\`, \`<\`, \`<=\`) are the conditions of \`IIF\` and \`CBool\`, and stand nowhere else. One with a null or empty side does not hold, whatever its operator. Text is compared as it is, case included; with a number or a boolean on one side the other is read as one. There is no AND, no OR and no operator \`&\`.
- \`[IsSoftDeleted]\` is known for every object. Values are computed for people who are wanted, so it is \`False\`.

Where its description says nothing else, a function gives null when an argument that it needs is null. The result is passed on as text: booleans as \`True\` and \`False\`, dates as \`M/d/yyyy h:mm:ss tt\` in UTC; lists stay lists. A null writes nothing, as everywhere.

Texts may have 100,000 characters. What cannot be evaluated for one person, such as a text that is no date, fails that person alone, with the place in the expression. \`Now\`, \`Guid\` and \`RandomString\` need \`apply: on-create\`; their values follow from the change, so that looking at it twice gives the same.`;

/** A readable reference of the expressions, in Markdown: how they are written, and every function with what it does and an example that is tested. */
export function expressionReferenceMarkdown(): string {
  const families = Object.entries(functionFamilies).map(([family, definitions]) =>
    [`## ${family}`, ...[...definitions].sort(byName).map(section)].join('\n\n'),
  );
  return [intro, ...families].join('\n\n').concat('\n');
}

const byName = (one: FunctionDefinition, other: FunctionDefinition): number => (one.name < other.name ? -1 : 1);

function section(definition: FunctionDefinition): string {
  const { name, parameters, repeats, summary, examples } = definition;
  const rows = [...parameters, ...repeats].map((one, index) => row(one, index >= parameters.length));
  const table = ['| Parameter | Type | |', '|---|---|---|', ...rows].join('\n');
  return [
    `### ${name}`,
    `\`${signatureOf(definition)}\``,
    summary,
    ...(rows.length > 0 ? [table] : []),
    examples.map(exampleLine).join('\n'),
  ].join('\n\n');
}

function row({ name, type, isOptional, oneOf, isOpen }: Parameter, isRepeated: boolean): string {
  const words = oneOf ? oneOf.map((word) => `\`${word}\``).join(', ') : type;
  const notes = [isOptional ? 'may be left out' : '', isRepeated ? 'repeatable' : ''].filter((note) => note !== '');
  return `| \`${name}\` | ${isOpen ? `text, such as ${words}` : words} | ${notes.join(', ')} |`;
}

function exampleLine({ expression, given, gives }: FunctionExample): string {
  const attributes = Object.entries(given ?? {}).map(([name, value]) => `\`${name}\` ${code(value)}`);
  return `- \`${expression}\`${attributes.length > 0 ? `, ${attributes.join(', ')}` : ''} → ${code(gives)}`;
}

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;
