/**
 * What the portal's page may do in a browser: load its own files and ask its own server, nothing else. Styles that are made while it runs carry
 * the nonce; scripts stand in files of their own. `tokenOrigin`: where somebody who signs in with OpenID Connect exchanges a code; null where nobody does.
 */
export const pageHeaders = (nonce: string, tokenOrigin: string | null): Record<string, string> => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${tokenOrigin === null ? '' : ` ${tokenOrigin}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
});

export const aYear = 'public, max-age=31536000, immutable';
export const askAgain = 'no-cache';
