let lastText = '';
let lastMs = Number.NaN;

/** Milliseconds since 1970 of a UTC instant in ISO 8601. Events come in groups that happened at the same time. */
export function msOf(at: string): number {
  if (at !== lastText) {
    lastText = at;
    lastMs = Date.parse(at);
  }
  return lastMs;
}

export const isoOf = (ms: number): string => new Date(ms).toISOString();
