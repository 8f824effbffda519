import type { MatchKey } from '@provident/domain';

/** Matching keys as the table keeps them: one line for each. No line is part of another. */
export const soughtText = (keys: readonly MatchKey[]): string =>
  keys.map(({ attribute, value }) => `${JSON.stringify([attribute, value])}\n`).join('');

/** Each of them once. */
export const keysIn = (sought: string): MatchKey[] =>
  [...new Set(sought.split('\n'))]
    .filter((line) => line !== '')
    .map((line) => {
      const [attribute, value] = JSON.parse(line) as [string, MatchKey['value']];
      return { attribute, value };
    });
