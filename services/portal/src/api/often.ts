/** While somebody waits for what they have just ordered. */
const busyMs = 1_000;
const watchedMs = 15_000;

let orderedAt = Number.NEGATIVE_INFINITY;

/** An order was given from this window: what it changes is looked for often from now on, for a while. */
export const noteOrder = (): void => void (orderedAt = Date.now());

/** How long to wait before asking again: as usual, or shortly while something runs or an order was just given. */
export const often = (usualMs: number, isBusy = false): number =>
  isBusy || Date.now() - orderedAt < watchedMs ? Math.min(busyMs, usualMs) : usualMs;
