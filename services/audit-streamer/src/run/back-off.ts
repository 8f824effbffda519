const firstMs = 1_000;
const longestMs = 300_000;
const longestAskedMs = 3_600_000;

/** How long a destination is left alone: 1 s, 2 s, 4 s … up to five minutes, or as long as it asks for, up to an hour. @param failures in a row, from 1 */
export function backOffMs(failures: number, askedMs: number | undefined): number {
  const own = Math.min(firstMs * 2 ** Math.min(failures - 1, 20), longestMs);
  return Math.max(own, Math.min(askedMs ?? 0, longestAskedMs));
}
