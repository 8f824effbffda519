interface Describable<Description> {
  describe(signal: AbortSignal): Promise<Description>;
  close(): Promise<void>;
}

const limitMs = 15_000;

/** Opens a system, asks what it looks like and closes it: the answer of a describe request. A system that cannot be asked is an answer too. */
export async function describeOpened<Description>(
  open: () => Promise<Describable<Description>>,
): Promise<{ ok: true; description: Description } | { ok: false; message: string }> {
  try {
    const opened = await open();
    try {
      return { ok: true, description: await opened.describe(AbortSignal.timeout(limitMs)) };
    } finally {
      await opened.close();
    }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
