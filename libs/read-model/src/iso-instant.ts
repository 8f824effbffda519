/** `2026-01-02 03:04:05.67+00`, as the server prints it for a session in UTC. Of every row there are several: what is as usual is not calculated with. */
export function isoInstant(text: string): string {
  if (!usual.test(text)) return new Date(text.replace(' ', 'T').replace('+00', 'Z')).toISOString();
  const fraction = text.length === 22 ? '000' : text.slice(20, Math.min(23, text.length - 3)).padEnd(3, '0');
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction}Z`;
}
const usual = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00$/;
