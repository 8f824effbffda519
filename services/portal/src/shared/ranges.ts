/** Presets of a time range, in milliseconds. */
export const ranges: Readonly<Record<string, number>> = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 };

export const sinceOf = (range: string, now: number): string => new Date(now - (ranges[range] ?? 0)).toISOString();
