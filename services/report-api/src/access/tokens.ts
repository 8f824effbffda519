/** Who is let in. */
export const ACCESS_SETTINGS = Symbol('AccessSettings');
