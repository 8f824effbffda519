/** A program's version as numbers, most significant first. */
export type Version = readonly number[];

/** Finds the version in what a program prints for `--version`; nothing when there is none. */
export function findVersion(text: string): Version | undefined {
  const match = /\bv?(\d+(?:\.\d+)+)|\b(\d+)(?:beta|rc|devel)\d*\b/i.exec(text);
  return match ? (match[1] ?? match[2] ?? '').split('.').map(Number) : undefined;
}

export function isAtLeast(version: Version, minimum: Version): boolean {
  for (let part = 0; part < Math.max(version.length, minimum.length); part += 1) {
    const difference = (version[part] ?? 0) - (minimum[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

export const printVersion = (version: Version): string => version.join('.');
