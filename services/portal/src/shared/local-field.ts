/** A field for date and time shows the reader's own zone; the address says UTC. */
export function toLocalField(iso: string | undefined): string {
  if (iso === undefined || Number.isNaN(Date.parse(iso))) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const fromLocalField = (local: string): string | undefined => (local === '' ? undefined : new Date(local).toISOString());
