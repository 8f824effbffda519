import { defineFunction } from '../function-definition.js';
import { any, whole } from '../parameter.js';

export const numberFunctions = [
  defineFunction({
    name: 'BitAnd',
    parameters: [whole('value1'), whole('value2')],
    summary: 'The bits that both whole numbers have. A null number gives null.',
    examples: [
      { expression: 'BitAnd(&HC, &HA)', gives: '8' },
      { expression: 'BitAnd([userAccountControl], 2)', given: { userAccountControl: 514 }, gives: '2' },
    ],
    evaluate: ([value1, value2]) => value1.integer() & value2.integer(),
  }),
  defineFunction({
    name: 'CStr',
    parameters: [any('value')],
    summary: 'The value as text. A list of several values and a complex value have none, which is an error.',
    examples: [
      { expression: 'CStr(42)', gives: '42' },
      { expression: 'CStr([active])', given: { active: true }, gives: 'True' },
    ],
    evaluate: ([value]) => value.text(),
  }),
];
