/**
 * The proof of who asks, for as long as this window is open: nothing of it is kept on disk. Without one the server decides whether anybody may ask.
 */
const key = 'provident.session';
let current: string | null = read();

function read(): string | null {
  try {
    return window.sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** What is sent as `Authorization: Bearer …`; null when nobody has signed in here. */
export const bearer = (): string | null => current;

/** `null`: signs out. */
export function setBearer(token: string | null): void {
  current = token;
  try {
    if (token === null) window.sessionStorage.removeItem(key);
    else window.sessionStorage.setItem(key, token);
  } catch {
    // A private window: the sign-in lasts as long as the page.
  }
}
