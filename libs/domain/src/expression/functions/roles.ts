import type { AttributeValue } from '../../object/attributes.js';
import { Fault } from '../fault.js';
import { type FunctionDefinition, defineFunction } from '../function-definition.js';
import { list } from '../parameter.js';
import { type Complex, type Value, passedOn, textOrNull } from '../value.js';

const editorAndViewer = [
  { value: 'edit', displayName: 'Editor' },
  { value: 'view', displayName: 'Viewer' },
];

const onlyAssignments: FunctionDefinition['check'] = ({ name, args: [argument] }) =>
  argument === undefined || (argument.kind === 'attribute' && argument.name === 'appRoleAssignments')
    ? []
    : [{ at: argument.at, message: `the argument of ${name} can only be [appRoleAssignments]` }];

const complexRoles = (name: string, summary: string): FunctionDefinition =>
  defineFunction({
    name,
    parameters: [list('appRoleAssignments')],
    check: onlyAssignments,
    summary: `The assigned roles as complex values: \`primary\` false, \`type\` \`WindowsAzureActiveDirectoryRole\`, \`value\` and \`display\` of each. ${summary}`,
    examples: [
      {
        expression: `${name}([appRoleAssignments])`,
        given: { appRoleAssignments: editorAndViewer },
        gives: [
          { primary: false, type: 'WindowsAzureActiveDirectoryRole', value: 'edit', display: 'Editor' },
          { primary: false, type: 'WindowsAzureActiveDirectoryRole', value: 'view', display: 'Viewer' },
        ],
      },
    ],
    evaluate: ([assignments]) => assignments.list().map((one) => complexRole(roleOf(one))),
  });

/** An assignment is a text, or a complex value with `value`, `displayName` or both. */
export const roleFunctions: FunctionDefinition[] = [
  defineFunction({
    name: 'SingleAppRoleAssignment',
    parameters: [list('appRoleAssignments')],
    check: onlyAssignments,
    summary: 'The name of the assigned role; of several, the first that the source names.',
    examples: [
      {
        expression: 'SingleAppRoleAssignment([appRoleAssignments])',
        given: { appRoleAssignments: [editorAndViewer[0]!] },
        gives: 'Editor',
      },
    ],
    evaluate: ([assignments]) => assignments.list().map((one) => roleOf(one).display)[0] ?? null,
  }),
  complexRoles(
    'AppRoleAssignmentsComplex',
    'In Entra roles are only ever added by it; here the attribute is compared and written like any other.',
  ),
  complexRoles('AssertiveAppRoleAssignmentsComplex', 'The target is made to hold exactly these.'),
  defineFunction({
    name: 'AppRoleAssignments',
    parameters: [list('source')],
    summary: 'The values of the assigned roles as a list of texts; a role without a value is named by its display name.',
    examples: [
      { expression: 'AppRoleAssignments([appRoleAssignments])', given: { appRoleAssignments: editorAndViewer }, gives: ['edit', 'view'] },
    ],
    evaluate: ([source]) => source.list().map((one) => roleOf(one).value),
  }),
];

interface Role {
  readonly value: string;
  readonly display: string;
}

const complexRole = ({ value, display }: Role): Complex => ({ primary: false, type: 'WindowsAzureActiveDirectoryRole', value, display });

function roleOf(assignment: Value): Role {
  const simple = textOrNull(assignment);
  if (typeof simple === 'string') return { value: simple, display: simple };
  const members = passedOn(assignment);
  const value = memberOf(members, 'value');
  const display = memberOf(members, 'displayName') ?? memberOf(members, 'display');
  if (value === null && display === null) throw new Fault('wrong-type', 'an assigned role must have a value or a displayName');
  return { value: value ?? display!, display: display ?? value! };
}

function memberOf(complex: AttributeValue, name: string): string | null {
  if (complex === null || typeof complex !== 'object' || Array.isArray(complex) || !Object.hasOwn(complex, name)) return null;
  const member = (complex as Complex)[name];
  return typeof member === 'string' && member !== '' ? member : null;
}
