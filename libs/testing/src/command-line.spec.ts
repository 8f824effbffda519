import { describe, expect, jest, test } from '@jest/globals';

import { WrongOptions, readOptionsOf, wholeNumber } from './command-line.js';

describe('the command line', () => {
  const known = { users: 'text', short: 'flag' } as const;

  test('is read as it was described', () => {
    expect({ ...readOptionsOf(['--users', '7', '--short'], known, 'usage') }).toMatchObject({ users: '7', short: true });
    expect({ ...readOptionsOf([], known, 'usage') }).toMatchObject({ short: false });
  });

  test.each([[['--user', '7']], [['--short=7']], [['--users']], [['seven']]])('%j is refused, and what there is is said', (argv) => {
    expect(() => readOptionsOf(argv, known, 'all that there is')).toThrow(WrongOptions);
    expect(() => readOptionsOf(argv, known, 'all that there is')).toThrow('all that there is');
  });

  test('help is given', () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(readOptionsOf(['-h'], known, 'all that there is')).toBeNull();
    expect(write).toHaveBeenCalledWith('all that there is');
    write.mockRestore();
  });

  test('whole numbers', () => {
    expect(wholeNumber('--users', '100_000', 1)).toBe(100_000);
    for (const text of ['', '0', '1.5', 'many', '-3'])
      expect(() => wholeNumber('--users', text, 1)).toThrow('--users: a whole number from 1 on');
  });
});
