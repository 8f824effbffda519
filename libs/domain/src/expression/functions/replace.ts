import type { Argument } from '../argument.js';
import type { Expression } from '../expression.js';
import type { ExpressionIssue } from '../expression-issue.js';
import { defineFunction } from '../function-definition.js';
import { any, optional, pattern, text } from '../parameter.js';
import { type Pattern, compilePattern, patternOf } from '../pattern.js';
import { replacementFor } from '../replacement.js';
import { isEmpty, limited } from '../value.js';

/** The five modes, by the parameters that are written; any other set of them means nothing. */
const modes: Readonly<Record<string, string>> = {
  'oldValue replacementValue': 'text',
  'oldValue template': 'template',
  'regexPattern replacementValue': 'pattern',
  'regexPattern regexGroupName replacementValue': 'group',
  'regexPattern regexGroupName replacementAttributeName': 'other',
};
const names = ['oldValue', 'regexPattern', 'regexGroupName', 'replacementValue', 'replacementAttributeName', 'template'];
const modeOf = (isGiven: readonly boolean[]): string | undefined => modes[names.filter((_, index) => isGiven[index]).join(' ')];
const allowed =
  'Replace takes oldValue with replacementValue or template, or regexPattern with replacementValue, with regexGroupName and replacementValue, or with regexGroupName and replacementAttributeName';

export const replaceFunctions = [
  defineFunction({
    name: 'Replace',
    parameters: [
      text('source'),
      optional(text('oldValue')),
      optional(pattern('regexPattern')),
      optional(text('regexGroupName')),
      optional(text('replacementValue')),
      optional(any('replacementAttributeName')),
      optional(text('template')),
    ],
    nullGivesNull: false,
    check: ({ args, at }) => checkReplace(args.slice(1), at),
    summary: `Which arguments are written says what is done; case counts.

1. \`oldValue\`, \`replacementValue\`: every \`oldValue\` in the source is replaced.
2. \`oldValue\`, \`template\`: every \`oldValue\` in the template is replaced by the source.
3. \`regexPattern\`, \`replacementValue\`: every match is replaced; \`\${group}\`, \`$1\`, \`$&\` and \`$$\` mean what they mean in .NET.
4. \`regexPattern\`, \`regexGroupName\`, \`replacementValue\`: of every match, only what the group holds is replaced, by the value as it stands.
5. \`regexPattern\`, \`regexGroupName\`, \`replacementAttributeName\`: a source that has a value stays; for one without, the group of the first match in the other value, or null.

In the first four, a null or empty source stays what it is, and one in which nothing is found too. Patterns are those of .NET, matched in linear time: look-around, word boundaries (\`\\b\`), references back to a group and the like are refused.`,
    examples: [
      { expression: 'Replace([unit], "DEPT-", , , "", , )', given: { unit: 'DEPT-OPS' }, gives: 'OPS' },
      {
        expression: 'Replace([login], "{login}", , , , , "{login}@harbor.example")',
        given: { login: 'k.ito' },
        gives: 'k.ito@harbor.example',
      },
      {
        expression: 'Replace([name], , "(?<first>\\\\w+) (?<last>\\\\w+)", , "${last}, ${first}", , )',
        given: { name: 'Zoë Byron' },
        gives: 'Byron, Zoë',
      },
      { expression: 'Replace([badge], , "EMP-(?<num>\\\\d+)-X", "num", "9999", , )', given: { badge: 'EMP-0042-X' }, gives: 'EMP-9999-X' },
      {
        expression: 'Replace([deskPhone], , "(?<n>\\\\d{7})$", "n", , [mobile], )',
        given: { deskPhone: '', mobile: '+1 5550199' },
        gives: '5550199',
      },
    ],
    evaluate: ([source, oldValue, regexPattern, groupName, replacement, other, template]) => {
      const mode = modeOf([oldValue, regexPattern, groupName, replacement, other, template].map(({ isGiven }) => isGiven));
      if (mode === undefined) return source.fault('wrong-arguments', allowed);
      if (mode === 'other') return isEmpty(source.value()) ? groupIn(other, regexPattern, groupName) : source.value();
      if (isEmpty(source.value())) return source.value();
      if (mode === 'text') return replaceAll(source.text(), oldValue.text(), replacement.text());
      if (mode === 'template') return replaceAll(template.text(), oldValue.text(), source.text());
      const compiled = compiledOf(regexPattern);
      return mode === 'pattern'
        ? replaceMatches(source.text(), compiled, replacement.text())
        : replaceGroup(source.text(), compiled, nameOf(groupName, compiled), replacement.text());
    },
  }),
];

function compiledOf(argument: Argument): Pattern {
  return patternOf(argument.text());
}

function nameOf(argument: Argument, { groupNames }: Pattern): string {
  const name = argument.text();
  return groupNames.includes(name) ? name : argument.fault('bad-pattern', `the pattern has no group named ${JSON.stringify(name)}`);
}

/** An empty `oldValue` is found nowhere. */
function replaceAll(whole: string, oldValue: string, replacement: string): string {
  if (oldValue === '') return whole;
  const parts = whole.split(oldValue);
  limited(whole.length + (parts.length - 1) * (replacement.length - oldValue.length));
  return parts.join(replacement);
}

function replaceMatches(whole: string, compiled: Pattern, replacement: string): string {
  return spliced(whole, compiled, (match) => ({ start: match.start, end: match.end, by: replacementFor(replacement, match, whole) }));
}

function replaceGroup(whole: string, compiled: Pattern, name: string, replacement: string): string {
  return spliced(whole, compiled, (match) => {
    const span = match.span(name);
    return span && { ...span, by: replacement };
  });
}

type Match = Parameters<typeof replacementFor>[1];
type Splice = { readonly start: number; readonly end: number; readonly by: string };

function spliced(whole: string, compiled: Pattern, spliceOf: (match: Match) => Splice | null): string {
  let written = '';
  let done = 0;
  for (const match of compiled.matches(whole)) {
    const splice = spliceOf(match);
    if (!splice) continue;
    written += whole.slice(done, splice.start) + splice.by;
    done = splice.end;
    limited(written.length);
  }
  return written + whole.slice(done);
}

function groupIn(other: Argument, regexPattern: Argument, groupName: Argument): string | null {
  const compiled = compiledOf(regexPattern);
  const name = nameOf(groupName, compiled);
  if (isEmpty(other.value())) return null;
  for (const match of compiled.matches(other.text())) return match.group(name) ?? null;
  return null;
}

function checkReplace(args: readonly Expression[], at: number): ExpressionIssue[] {
  const [oldValue, regexPattern, groupName] = args;
  if (modeOf(args.map(({ kind }) => kind !== 'omitted')) === undefined) return [{ at, message: allowed }];
  if (oldValue?.kind === 'text' && oldValue.value === '') return [{ at: oldValue.at, message: 'oldValue of Replace must not be empty' }];
  if (regexPattern?.kind !== 'text' || groupName?.kind !== 'text') return [];
  const compiled = compilePattern(regexPattern.value);
  if (compiled.issue || compiled.pattern.groupNames.includes(groupName.value)) return [];
  return [{ at: groupName.at, message: `the pattern has no group named ${JSON.stringify(groupName.value)}` }];
}
