import { DateTime, type DateParts, ticksPerDay, ticksPerSecond } from '../date/date-time.js';
import { piecesOf } from '../date/date-pattern.js';
import { formatDate } from '../date/format-date.js';
import { readDate } from '../date/read-date.js';
import { readIsoDate } from '../date/any-date.js';
import type { Argument } from '../argument.js';
import { Fault } from '../fault.js';
import { type FunctionDefinition, defineFunction } from '../function-definition.js';
import { choice, date, optional, text, whole } from '../parameter.js';

const intervals = ['yyyy', 'm', 'd', 'ww', 'h', 'n', 's'] as const;
type Interval = (typeof intervals)[number];

const ticksOf: Readonly<Record<Exclude<Interval, 'yyyy' | 'm'>, bigint>> = {
  ww: 7n * ticksPerDay,
  d: ticksPerDay,
  h: 3_600n * ticksPerSecond,
  n: 60n * ticksPerSecond,
  s: ticksPerSecond,
};
/** Ticks from the year 1 to the first of January 1601, where Windows begins to count. */
const fileTimeStart = 584_388n * ticksPerDay;
const intervalText = '`yyyy` year, `m` month, `ww` week, `d` day, `h` hour, `n` minute, `s` second';

const styles = [
  'None',
  'AllowLeadingWhite',
  'AllowTrailingWhite',
  'AllowInnerWhite',
  'AllowWhiteSpaces',
  'NoCurrentDateDefault',
  'AdjustToUniversal',
  'AssumeLocal',
  'AssumeUniversal',
  'RoundtripKind',
];

export const dateFunctions: FunctionDefinition[] = [
  defineFunction({
    name: 'Now',
    needs: 'now',
    summary: 'The time, in UTC: in a job, when the change was imported. Only in mappings that apply on creation.',
    examples: [{ expression: 'Now()', gives: '11/3/2026 9:05:07 AM' }],
    evaluate: (_, __, { now }) => readIsoDate(now!) ?? unusableClock(),
  }),
  defineFunction({
    name: 'CDate',
    parameters: [date('expression')],
    summary:
      'The date and time in UTC that a text says, passed on as `M/d/yyyy h:mm:ss tt`. Understood are ISO 8601 with a `T` or a space, `M/d/yyyy` with the month first, English month names, and RFC 1123. Without an offset it is UTC; without a time, midnight in its own offset. Empty text gives null; other text is an error.',
    examples: [
      { expression: 'CDate("2024-02-10+09:00")', gives: '2/9/2024 3:00:00 PM' },
      { expression: 'CDate("2024-02-10-05:00")', gives: '2/10/2024 5:00:00 AM' },
    ],
    evaluate: ([expression]) => expression.date(),
  }),
  defineFunction({
    name: 'DateAdd',
    parameters: [choice('interval', intervals), whole('value'), date('dateTime')],
    summary: `So many intervals later: ${intervalText}. A month without that day ends on its last one.`,
    examples: [
      { expression: 'DateAdd("d", -3, CDate("2024-03-02+00:00"))', gives: '2/28/2024 12:00:00 AM' },
      { expression: 'DateAdd("m", 1, CDate("2024-01-31"))', gives: '2/29/2024 12:00:00 AM' },
    ],
    evaluate: ([interval, value, dateTime]) => {
      const start = dateTime.date();
      return start && later(start, interval.choice() as Interval, value.integer());
    },
  }),
  defineFunction({
    name: 'DateDiff',
    parameters: [choice('interval', intervals), date('date1'), date('date2')],
    summary: `How many intervals \`date2\` is later, negative when it is earlier: ${intervalText}. Days and less are elapsed time without the rest; weeks are the Sundays in between; months and years are those of the calendar, whatever the day.`,
    examples: [
      { expression: 'DateDiff("d", CDate("2025-05-01"), CDate("2025-05-20"))', gives: '19' },
      { expression: 'DateDiff("yyyy", CDate("2024-12-31"), CDate("2025-01-01"))', gives: '1' },
      { expression: 'DateDiff("ww", CDate("2026-11-21"), CDate("2026-11-22"))', gives: '1' },
    ],
    evaluate: ([interval, date1, date2]) => {
      const [from, to] = [date1.date(), date2.date()];
      return from && to && difference(interval.choice() as Interval, from, to);
    },
  }),
  defineFunction({
    name: 'DateFromNum',
    parameters: [whole('value')],
    summary: 'The date of a Windows file time: steps of 100 nanoseconds since 1601.',
    examples: [{ expression: 'DateFromNum(133852608000000000)', gives: '3/1/2025 12:00:00 AM' }],
    evaluate: ([value]) => new DateTime(fileTimeStart + value.integer()),
  }),
  defineFunction({
    name: 'NumFromDate',
    parameters: [text('value')],
    summary:
      'The Windows file time of an ISO 8601 date and time, with a `T` or a space, or of a date. Without an offset it is UTC. Empty text gives null; other text is an error.',
    examples: [
      { expression: 'NumFromDate("2026-07-01T00:00:00-05:00")', gives: '134273556000000000' },
      { expression: 'NumFromDate(Join("", "2026-07-01", " 00:00:00-05:00"))', gives: '134273556000000000' },
    ],
    evaluate: ([value]) => {
      const given = value.value();
      if (value.text().trim() === '') return null;
      const read = given instanceof DateTime ? given : (readIsoDate(value.text()) ?? value.notADate(value.text()));
      return read.ticks - fileTimeStart;
    },
  }),
  formatDateTime(),
];

function formatDateTime(): FunctionDefinition {
  return defineFunction({
    name: 'FormatDateTime',
    parameters: [
      text('source'),
      optional({ ...choice('dateTimeStyles', styles), isOpen: true }),
      text('inputFormat'),
      optional(text('outputFormat')),
    ],
    summary:
      'Reads a date in one .NET format and writes it in another. The older form with three arguments, without styles, is understood too. White space around the source is ignored unless the styles say otherwise; an offset is converted to UTC. What the input format does not name is the first of January of the year 1, midnight. Empty text gives null; a source that is not in the format is an error.',
    examples: [
      { expression: 'FormatDateTime([startedOn], , "dd/MM/yyyy", "yyyy-MM-dd")', given: { startedOn: '07/11/2024' }, gives: '2024-11-07' },
      {
        expression: 'FormatDateTime([created], "yyyyMMddHHmmss.f\'Z\'", "yyyy-MM-dd")',
        given: { created: '20241107093000.0Z' },
        gives: '2024-11-07',
      },
    ],
    nullGivesNull: false,
    check: ({ args, at }) => {
      const formats = args[3]?.kind === 'omitted' ? args.slice(1, 3) : args.slice(2);
      if (formats.some(({ kind }) => kind === 'omitted'))
        return [{ at, message: 'FormatDateTime needs an inputFormat and an outputFormat' }];
      return formats.flatMap((node) => (node.kind === 'text' ? formatIssue(node.value, node.at) : []));
    },
    evaluate: ([source, second, third, fourth]) => {
      const [style, input, output] = fourth.isGiven ? [second, third, fourth] : [null, second, third];
      if (source.text().trim() === '') return null;
      const read = readDate(source.text(), piecesOf(input.text()), leniencyOf(style));
      if (read) return formatDate(read, output.text());
      return source.fault(
        'bad-date',
        `${JSON.stringify(source.text().slice(0, 60))} is not a date in the format ${JSON.stringify(input.text())}`,
      );
    },
  });
}

function formatIssue(format: string, at: number): { at: number; message: string }[] {
  try {
    piecesOf(format);
    return [];
  } catch (error) {
    if (error instanceof Fault) return [{ at, message: error.message }];
    throw error;
  }
}

function leniencyOf(style: Argument | null): { around: boolean; inside: boolean } {
  const names =
    style === null || style.isNull()
      ? []
      : style
          .text()
          .split(/[,|]/)
          .map((name) => name.trim());
  const unknown = names.find((name) => !styles.some((known) => known.toLowerCase() === name.toLowerCase()));
  if (unknown !== undefined) style!.fault('bad-value', `dateTimeStyles must be of ${styles.join(', ')}`);
  const has = (...wanted: string[]): boolean => names.some((name) => wanted.includes(name.toLowerCase()));
  const around = names.length === 0 || has('allowleadingwhite', 'allowtrailingwhite', 'allowwhitespaces');
  return { around, inside: has('allowinnerwhite', 'allowwhitespaces') };
}

function later(start: DateTime, interval: Interval, count: bigint): DateTime {
  if (interval === 'yyyy') return start.plusMonths(count * 12n);
  return interval === 'm' ? start.plusMonths(count) : start.plus(count * ticksOf[interval]);
}

function difference(interval: Interval, from: DateTime, to: DateTime): bigint {
  if (interval === 'yyyy') return BigInt(to.parts.year - from.parts.year);
  if (interval === 'm') return BigInt(months(to.parts) - months(from.parts));
  if (interval === 'ww') return BigInt(sundaysUpTo(to) - sundaysUpTo(from));
  return (to.ticks - from.ticks) / ticksOf[interval];
}

const months = ({ year, month }: DateParts): number => year * 12 + month;

/** Sundays since the year 1, whose first day was a Monday. */
const sundaysUpTo = (day: DateTime): number => Math.floor((day.dayNumber + 1) / 7);

function unusableClock(): never {
  throw new Fault('not-available', 'the time that was given is no instant');
}
