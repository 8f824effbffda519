import { z } from 'zod';

const Column = z.string().trim().min(1);

/** Text encodings that a file may be in. */
export const csvEncodings = ['utf-8', 'utf-16le', 'windows-1252', 'windows-1250', 'iso-8859-1', 'iso-8859-2', 'iso-8859-15'] as const;
export type CsvEncoding = (typeof csvEncodings)[number];

const Columns = z
  .record(Column, z.string().min(1))
  .optional()
  .describe('Other names for columns: from the name in the header to the name that mappings use.');
const MultiValue = z
  .record(Column, z.string().min(1))
  .optional()
  .describe('Columns that hold several values, each with the text that separates them. Blanks around values are dropped.');
const Booleans = z
  .strictObject({
    columns: z.array(Column).min(1).describe('Columns that hold yes or no.'),
    true: z.array(z.string().min(1)).min(1).default(['true', 'yes', '1']).describe('Words for yes, in any case.'),
    false: z.array(z.string().min(1)).min(1).default(['false', 'no', '0']).describe('Words for no, in any case.'),
  })
  .optional()
  .describe('Columns that become true or false. A field with any other word makes its record fail.');

/** Settings of the `csv` source. Column names are matched without regard to case and to blanks around them. */
export const CsvSourceConfig = z
  .strictObject({
    file: z.string().min(1).describe('Path of the file; a relative one starts from the folder of the job files.'),
    anchor: Column.describe('Column whose value names a person for good, such as an employee number.'),
    delimiter: z
      .union([z.literal('tab'), z.string().regex(/^[\t\x20-\x7e]$/, 'one ASCII character, or "tab"')])
      .default(',')
      .describe('What separates the fields: one ASCII character, or `tab`.'),
    encoding: z.enum(csvEncodings).default('utf-8').describe('Text encoding of the file. A byte order mark is skipped.'),
    quote: z
      .string()
      .regex(/^[\x21-\x7e]$/, 'one ASCII character')
      .default('"')
      .describe('Character around fields that hold a delimiter, a line break or this character, which is then doubled.'),
    columns: Columns,
    multiValue: MultiValue,
    nullLiteral: z.string().min(1).optional().describe('Text that stands for "no value", such as `NULL`. An empty field always does.'),
    booleans: Booleans,
    quietSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(0)
      .describe('The file is read once it has not changed for so many seconds: for files that are written in place and slowly.'),
    groups: z
      .strictObject({
        file: z.string().min(1).describe('Path of the file with the groups, one per record; written as the file of the people is.'),
        anchor: Column.describe('Column whose value names a group for good.'),
        columns: Columns,
        multiValue: MultiValue,
        booleans: Booleans,
      })
      .optional()
      .describe('The file with the groups.'),
    memberships: z
      .strictObject({
        file: z.string().min(1).describe('Path of the file with the memberships, one per record; written as the file of the people is.'),
        group: Column.describe("Column with the group's anchor."),
        member: Column.describe("Column with the member's anchor."),
        memberType: Column.optional().describe(
          'Column that says `user` or `group`, where groups are members of groups. Without it, and where it is empty, members are people.',
        ),
      })
      .optional()
      .describe('The file that says who belongs to which group.'),
  })
  .refine((config) => config.delimiter !== config.quote, { message: 'must differ from "quote"', path: ['delimiter'] })
  .refine((config) => config.memberships === undefined || config.groups !== undefined, {
    message: 'memberships need "groups" to belong to',
    path: ['memberships'],
  })
  .describe('Settings of CSV files as a source of people and groups.');
export type CsvSourceConfig = z.infer<typeof CsvSourceConfig>;

/** Settings for the file with the people alone. */
export function peopleConfig({ groups: _groups, memberships: _memberships, ...people }: CsvSourceConfig): CsvSourceConfig {
  return people;
}

/** Settings for the file with the groups, as if it were the only one. */
export function groupsConfig(config: CsvSourceConfig): CsvSourceConfig | null {
  return config.groups ? { ...writtenAs(config), ...config.groups } : null;
}

/** Settings for the file with the memberships; the anchor of its records is the group's. */
export type CsvMembershipsConfig = CsvSourceConfig & { readonly member: string; readonly memberType?: string | undefined };

export function membershipsConfig(config: CsvSourceConfig): CsvMembershipsConfig | null {
  if (!config.memberships) return null;
  const { file, group, member, memberType } = config.memberships;
  return { ...writtenAs(config), file, anchor: group, member, ...(memberType === undefined ? {} : { memberType }) };
}

/** What is the same for all files of a source. */
function writtenAs({ delimiter, encoding, quote, nullLiteral, quietSeconds }: CsvSourceConfig) {
  return { delimiter, encoding, quote, quietSeconds, ...(nullLiteral === undefined ? {} : { nullLiteral }) };
}
