import type { CauseView } from '@provident/contracts/http';

import { texts } from '../../texts/en.js';

/** What is said of a job's failures: the biggest cause with its remedy. @param causes the commonest first; undefined while they are not known */
export function failureLines(causes: readonly CauseView[] | undefined): string[] {
  const [biggest] = causes ?? [];
  if (!causes || !biggest) return [texts.attention.failuresDo];
  const kept = causes.reduce((sum, { people }) => sum + people, 0);
  return [texts.attention.biggestCause(biggest.people, kept, biggest.text), biggest.remedy];
}
