import { test } from '@jest/globals';

export interface EarlyTests {
  /** A test that spends its time waiting: it begins together with all others of its kind, and is told of at its turn. */
  test(name: string, work: () => Promise<void>, timeoutMs?: number): void;
  /** Begins them, once what they stand on is there. */
  begin(): void;
}

export function earlyTests(): EarlyTests {
  const beginnings: (() => void)[] = [];
  return {
    test(name, work, timeoutMs = 120_000) {
      let playing: Promise<void>;
      beginnings.push(() => {
        playing = work();
        playing.catch(() => undefined); // told by the test, when its turn comes
      });
      test(name, () => playing, timeoutMs);
    },
    begin: () => beginnings.forEach((begin) => begin()),
  };
}
