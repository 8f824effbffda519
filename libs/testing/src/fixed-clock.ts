/** A clock that stands still until it is moved. */
export interface FixedClock {
  now(): Date;
  /** Moves on by so many milliseconds and gives back the new instant. */
  advance(ms: number): Date;
  set(instant: string | Date): void;
}

export function fixedClock(start: string | Date = '2026-01-01T00:00:00.000Z'): FixedClock {
  let current = new Date(start).getTime();
  return {
    now: () => new Date(current),
    advance: (ms) => new Date((current += ms)),
    set: (instant) => {
      current = new Date(instant).getTime();
    },
  };
}
