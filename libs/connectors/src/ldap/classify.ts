import type { ConnectorErrorFacts, ConnectorErrorKind } from '../connector-error.js';

type Verdict = readonly [kind: ConnectorErrorKind, code: string, meaning: string];

/** Result codes of RFC 4511, as far as a reader meets them. */
const byResultCode: Readonly<Record<number, Verdict>> = {
  1: ['unavailable', 'ldap-operations-error', 'the server could not carry out the request'],
  3: ['unavailable', 'ldap-time-limit', 'the server stopped at its time limit'],
  4: ['misconfigured', 'ldap-size-limit', 'the server gives this account fewer entries than there are; raise its size limit'],
  7: ['misconfigured', 'ldap-auth-method', 'the server does not offer this way to log in'],
  8: ['misconfigured', 'ldap-tls-required', 'the server wants an encrypted connection; use ldaps:// or "startTls"'],
  10: ['misconfigured', 'ldap-referral', 'another server holds this branch; use its address'],
  11: ['unavailable', 'ldap-admin-limit', 'the server stopped at an administrative limit'],
  12: ['misconfigured', 'ldap-no-paging', 'the server does not offer paged results'],
  13: ['misconfigured', 'ldap-tls-required', 'the server wants an encrypted connection; use ldaps:// or "startTls"'],
  17: ['misconfigured', 'ldap-unknown-attribute', 'the server does not know an attribute'],
  18: ['misconfigured', 'ldap-filter', 'an attribute cannot be compared in this way'],
  21: ['misconfigured', 'ldap-filter', 'a value does not suit its attribute'],
  32: ['misconfigured', 'ldap-no-such-base', 'the branch "baseDn" does not exist or may not be read'],
  34: ['misconfigured', 'ldap-invalid-dn', 'a distinguished name is not well-formed'],
  48: ['unauthorized', 'ldap-inappropriate-authentication', 'the account cannot log in with a password'],
  49: ['unauthorized', 'ldap-invalid-credentials', 'the server refuses "bindDn" or its password'],
  50: ['unauthorized', 'ldap-insufficient-access', 'the account may not read here'],
  51: ['unavailable', 'ldap-busy', 'the server is busy'],
  52: ['unavailable', 'ldap-unavailable', 'the server is shutting down or not ready'],
  53: ['unavailable', 'ldap-unwilling', 'the server is unwilling to answer now'],
  80: ['unavailable', 'ldap-other', 'the server failed'],
};

const untrusted = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME|INVALID_CA|PATH_LENGTH|CRL_)/;
const otherTls = /^(EPROTO|ERR_SSL_|ERR_TLS_)/;

/**
 * What an error of the LDAP client means. Pure.
 * @param error what was thrown: an error with the result code of the server in `code`, a socket's or a certificate's error with a
 *              text there, or a plain one with words only
 */
export function classifyLdapError(error: unknown): ConnectorErrorFacts {
  const { code, message } = describeError(error);
  if (typeof code === 'number') return fromResultCode(code, message);
  if (typeof code === 'string') return fromSystemCode(code, message);
  if (/time(d )?[ -]?out/i.test(message)) return facts(['unavailable', 'ldap-timeout', 'the server did not answer in time'], message);
  if (/socket|connection/i.test(message)) return facts(['unavailable', 'ldap-connection-lost', 'the connection broke'], message);
  return facts(['protocol', 'ldap-unreadable-answer', 'the server answered with something else than LDAP'], message);
}

function fromResultCode(code: number, message: string): ConnectorErrorFacts {
  // Active Directory says "operations error" to those who have not logged in.
  if (code === 1 && /successful bind must be completed|000004DC/i.test(message)) {
    return facts(['unauthorized', 'ldap-bind-required', 'the server wants a log-in; set "bindDn" and "password"'], message, code);
  }
  return facts(byResultCode[code] ?? ['protocol', `ldap-${code}`, 'the server refused the request'], message, code);
}

function fromSystemCode(code: string, message: string): ConnectorErrorFacts {
  if (untrusted.test(code)) return facts(['misconfigured', 'ldap-tls-untrusted', 'the certificate of the server is not trusted'], message);
  if (otherTls.test(code)) return facts(['protocol', 'ldap-tls-failed', 'the connection could not be encrypted'], message);
  if (code === 'ETIMEDOUT') return facts(['unavailable', 'ldap-timeout', 'the server did not answer in time'], message);
  return facts(['unavailable', 'ldap-unreachable', 'the server cannot be reached'], message);
}

function facts([kind, code, meaning]: Verdict, message: string, status?: number): ConnectorErrorFacts {
  const words = message.replace(/\s+/g, ' ').trim();
  return { kind, code, message: words ? `${meaning} (${words})` : meaning, ...(status === undefined ? {} : { status }) };
}

function describeError(error: unknown): { code: unknown; message: string } {
  const { code, message, errors } = Object(error) as { code?: unknown; message?: unknown; errors?: unknown };
  // The attempts on several addresses of one host come as a group whose own message is empty.
  const words = message || (Array.isArray(errors) ? (Object(errors[0]) as Error).message : '');
  return { code, message: typeof words === 'string' ? words : '' };
}
