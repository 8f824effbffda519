import { z } from 'zod';

const Column = z.string().trim().min(1);

/** Text encodings that a file may be in. */
export const csvEncodings = ['utf-8', 'utf-16le', 'windows-1252', 'windows-1250', 'iso-8859-1', 'iso-8859-2', 'iso-8859-15'] as const;
export type CsvEncoding = (typeof csvEncodings)[number];

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
    columns: z
      .record(Column, z.string().min(1))
      .optional()
      .describe('Other names for columns: from the name in the header to the name that mappings use.'),
    multiValue: z
      .record(Column, z.string().min(1))
      .optional()
      .describe('Columns that hold several values, each with the text that separates them. Blanks around values are dropped.'),
    nullLiteral: z.string().min(1).optional().describe('Text that stands for "no value", such as `NULL`. An empty field always does.'),
    booleans: z
      .strictObject({
        columns: z.array(Column).min(1).describe('Columns that hold yes or no.'),
        true: z.array(z.string().min(1)).min(1).default(['true', 'yes', '1']).describe('Words for yes, in any case.'),
        false: z.array(z.string().min(1)).min(1).default(['false', 'no', '0']).describe('Words for no, in any case.'),
      })
      .optional()
      .describe('Columns that become true or false. A field with any other word makes its record fail.'),
    quietSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(0)
      .describe('The file is read once it has not changed for so many seconds: for files that are written in place and slowly.'),
  })
  .refine((config) => config.delimiter !== config.quote, { message: 'must differ from "quote"', path: ['delimiter'] })
  .describe('Settings of a CSV file as a source of people.');
export type CsvSourceConfig = z.infer<typeof CsvSourceConfig>;
