/**
 * Rules that somebody writes and has not applied: text of a job file, kept by this window until it is closed, so that looking at who would change
 * does not lose it. The text is YAML with whatever comments stand in it.
 */
export interface StoredDraft {
  readonly text: string;
  /** Revision that it was begun from. */
  readonly revision: number;
}

const draftKey = (jobId: string): string => `provident.draft.${jobId}`;
const simulatedKey = (simulationId: string): string => `provident.simulated.${simulationId}`;

/** Without storage (a private window) a draft lasts as long as its page. */
function write(key: string, value: unknown): void {
  try {
    if (value === null) window.sessionStorage.removeItem(key);
    else window.sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: the page goes on with what it has.
  }
}

function read(key: string): unknown {
  try {
    return JSON.parse(window.sessionStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

const isDraft = (value: unknown): value is StoredDraft =>
  typeof value === 'object' && value !== null && 'text' in value && 'revision' in value && typeof value.text === 'string';

export function readDraft(jobId: string): StoredDraft | null {
  const kept = read(draftKey(jobId));
  return isDraft(kept) ? kept : null;
}

export const writeDraft = (jobId: string, draft: StoredDraft | null): void => write(draftKey(jobId), draft);

/** The rules that a simulation was begun with in this window. */
export const rememberSimulated = (simulationId: string, text: string): void => write(simulatedKey(simulationId), text);
export function simulatedText(simulationId: string): string | null {
  const kept = read(simulatedKey(simulationId));
  return typeof kept === 'string' ? kept : null;
}
