import { defineFunction } from '../function-definition.js';
import { any, condition, optional, text } from '../parameter.js';
import { isEmpty, textOrNull } from '../value.js';

const nullTest = (name: string, summary: string, gives: string) =>
  defineFunction({
    name,
    parameters: [any(name === 'IsNothing' ? 'source' : 'expression')],
    nullGivesNull: false,
    summary,
    examples: [
      { expression: `${name}([faxNumber])`, gives: 'True' },
      { expression: `${name}([faxNumber])`, given: { faxNumber: '' }, gives },
    ],
    evaluate: ([value]) => (gives === 'True' ? isEmpty(value.value()) : value.isNull()),
  });

export const logicFunctions = [
  defineFunction({
    name: 'IIF',
    parameters: [condition('condition'), any('valueIfTrue'), any('valueIfFalse')],
    nullGivesNull: false,
    summary:
      'One of two values. A comparison with a null or empty side does not hold, whatever its operator. Only the value that is taken is evaluated. There is no AND and no OR: nest `IIF`.',
    examples: [
      { expression: 'IIF([region] = "EMEA", "eu-1", "us-1")', given: { region: 'APAC' }, gives: 'us-1' },
      { expression: 'IIF([region] <> "EMEA", "us-1", "eu-1")', gives: 'eu-1' },
    ],
    evaluate: ([test, valueIfTrue, valueIfFalse]) => (test.isTrue() ? valueIfTrue : valueIfFalse).value(),
  }),
  defineFunction({
    name: 'Switch',
    parameters: [any('source'), optional(any('defaultValue'))],
    repeats: [any('key'), optional(any('value'))],
    nullGivesNull: false,
    summary:
      'The value whose key equals the source, as text with its case; else the default, or null without one. The key `""` is also that of a null source. Only the value that is taken is evaluated.',
    examples: [
      { expression: 'Switch([grade], "std", "7", "senior", "8", "lead")', given: { grade: '8' }, gives: 'lead' },
      { expression: 'Switch([grade], "std", "7", "senior", "8", "lead")', given: { grade: '3' }, gives: 'std' },
      { expression: 'Switch([grade], , "", "none")', gives: 'none' },
    ],
    evaluate: ([source, fallback], pairs) => {
      const wanted = source.text();
      return (pairs.find(([key]) => key.text() === wanted)?.[1] ?? fallback).value();
    },
  }),
  defineFunction({
    name: 'Coalesce',
    repeats: [any('source')],
    nullGivesNull: false,
    summary: 'The first value that is not null; null when all are. Empty text is a value, and the last argument serves as the default.',
    examples: [
      { expression: 'Coalesce([nickName], [givenName], "n/a")', given: { nickName: null, givenName: 'Ola' }, gives: 'Ola' },
      { expression: 'Coalesce([nickName], "")', gives: '' },
    ],
    evaluate: (_, sources) => sources.find(([source]) => !source.isNull())?.[0].value() ?? null,
  }),
  defineFunction({
    name: 'CBool',
    parameters: [condition('expression')],
    nullGivesNull: false,
    summary:
      '`True` for true, for the text `true` in any case and for every number but 0; `False` for everything else, null and other texts among it.',
    examples: [
      { expression: 'CBool([city] = [officeCity])', given: { city: 'Oslo', officeCity: 'Oslo' }, gives: 'True' },
      { expression: 'CBool([flag])', given: { flag: 'perhaps' }, gives: 'False' },
    ],
    evaluate: ([expression]) => expression.isTrue(),
  }),
  defineFunction({
    name: 'Not',
    parameters: [any('source')],
    nullGivesNull: false,
    summary: '`False` for true, `True` for anything else, null too.',
    examples: [{ expression: 'Not([IsSoftDeleted])', gives: 'True' }],
    evaluate: ([source]) => textOrNull(source.value())?.toLowerCase() !== 'true',
  }),
  nullTest('IsNull', '`True` when there is no value at all; empty text is one.', 'False'),
  nullTest('IsNothing', 'The same as `IsNull`.', 'False'),
  nullTest('IsNullOrEmpty', '`True` when there is no value, or empty text.', 'True'),
  defineFunction({
    name: 'IsPresent',
    parameters: [any('expression')],
    nullGivesNull: false,
    summary: '`True` when there is a value that is not empty text.',
    examples: [
      { expression: 'IsPresent([faxNumber])', given: { faxNumber: '' }, gives: 'False' },
      { expression: 'IsPresent([faxNumber])', given: { faxNumber: '555' }, gives: 'True' },
    ],
    evaluate: ([expression]) => !isEmpty(expression.value()),
  }),
  defineFunction({
    name: 'IsString',
    parameters: [any('expression')],
    nullGivesNull: false,
    summary: '`True` when `CStr` would give a text: not for null, a list of several values or a complex value.',
    examples: [{ expression: 'IsString([jobTitle])', given: { jobTitle: 'Welder' }, gives: 'True' }],
    evaluate: ([expression]) => typeof textOrNull(expression.value()) === 'string',
  }),
  defineFunction({
    name: 'IgnoreFlowIfNullOrEmpty',
    parameters: [any('expression')],
    nullGivesNull: false,
    summary:
      'The value, or null when it is empty, so that nothing is written. On creation the mapping\'s own "default", if it has one, still steps in.',
    examples: [{ expression: 'IgnoreFlowIfNullOrEmpty([costCode])', given: { costCode: '' }, gives: null }],
    evaluate: ([expression]) => (isEmpty(expression.value()) ? null : expression.value()),
  }),
  defineFunction({
    name: 'Error',
    parameters: [text('message')],
    nullGivesNull: false,
    summary: 'Fails the object with that message. Stands in a branch of `IIF`.',
    examples: [{ expression: 'IIF([site] = "TBD", Error("site not decided"), [site])', given: { site: 'Oslo' }, gives: 'Oslo' }],
    evaluate: ([message]) => message.fault('raised', message.text() || 'the rules call this object an error'),
  }),
  defineFunction({
    name: 'Redact',
    parameters: [any('value')],
    nullGivesNull: false,
    isSecret: true,
    summary:
      'The value itself, for which logs are to show `[Redact]`. Traces hide it and everything inside. **Not yet for jobs**: the provisioning log would show the value, so a job with it is refused.',
    examples: [{ expression: 'Redact([nationalId])', given: { nationalId: '77-1234' }, gives: '77-1234' }],
    evaluate: ([value]) => value.value(),
  }),
];
