/** The id in `objectConnections('id')`, as OData quotes it; null for any other path. */
export const connectionIn = (segment: string): string | null =>
  /^objectConnections\('((?:[^']|'')*)'\)$/i.exec(segment)?.[1]?.replaceAll("''", "'") ?? null;
