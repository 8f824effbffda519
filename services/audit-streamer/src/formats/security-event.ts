import type { TokenSettings } from '@provident/contracts';
import { ObjectExported } from '@provident/contracts';
import type { StreamItem } from '@provident/report';
import { SignJWT } from 'jose';

import { type Format, idOf, type Message, type Surroundings } from './message.js';
import type { SigningKey } from './signing-key.js';

const mediaType = 'application/secevent+jwt';
const uri = (name: string): string => `urn:ietf:params:scim:event:${name}`;
/** Of the Shared Signals framework: a token of no consequence. */
const verification = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

interface Options extends Surroundings {
  readonly token: TokenSettings;
  /** Read at each use, so that it can be changed. @throws Undelivered */
  readonly key: () => Promise<SigningKey>;
}

/**
 * Security event tokens (RFC 8417) in the profile of SCIM (RFC 9967), signed. They tell of writes that succeeded, and name the attributes without their
 * values: whoever takes them reads the resource. There is no such event for anything else.
 */
export function securityEvents({ token, key, now }: Options): Format {
  const signed = async (claims: Claims, sequence: number, at: string, changeId: string | null): Promise<Message> => {
    const { privateKey, algorithm, keyId } = await key();
    const { jti, ...rest } = claims;
    const text = await new SignJWT(rest)
      .setProtectedHeader({ alg: algorithm, kid: keyId, typ: 'secevent+jwt' })
      .setJti(jti)
      .setIssuer(token.issuer)
      .setAudience(token.audience)
      .setIssuedAt(now())
      .sign(privateKey);
    return { sequence, id: jti, at, type: Object.keys(claims.events).join(' '), severity: 'info', mediaType, text, changeId };
  };
  return {
    write: async (items) =>
      Promise.all(
        items.flatMap((item) => {
          const claims = claimsOf(item);
          return claims ? [signed(claims, item.sequence, item.at, claims.txn ?? null)] : [];
        }),
      ),
    test: (id) => signed({ jti: id, events: { [verification]: { state: id } } }, 0, now().toISOString(), null),
  };
}

interface Claims {
  readonly [claim: string]: unknown;
  readonly jti: string;
  readonly txn?: string;
  readonly events: Readonly<Record<string, object>>;
}

interface Written {
  readonly action: 'create' | 'update' | 'disable' | 'delete';
  readonly changes: readonly { readonly attribute: string; readonly old: unknown; readonly new: unknown }[];
  readonly members?: { readonly add: readonly unknown[]; readonly remove: readonly unknown[] };
}

const collections: Readonly<Record<string, string>> = { user: 'Users', group: 'Groups' };

/** What a write says to others; null for anything that is no write. Pure. */
export function claimsOf(item: StreamItem): Claims | null {
  if (item.kind !== 'audit' || item.facts.type !== ObjectExported.type) return null;
  const { objectType, sourceId, targetId, changeId, data } = item.facts;
  const collection = collections[objectType ?? ''] ?? `${objectType}s`;
  return {
    jti: idOf(item),
    ...(changeId !== null && { txn: changeId }),
    toe: Math.floor(Date.parse(item.at) / 1_000),
    sub_id: {
      format: 'scim',
      uri: `/${collection}/${encodeURIComponent(targetId ?? '')}`,
      ...(sourceId !== null && { externalId: sourceId }),
      ...(targetId !== null && { id: targetId }),
    },
    events: eventsOf(data as unknown as Written),
  };
}

function eventsOf(written: Written): Claims['events'] {
  const attributes = attributesOf(written);
  switch (written.action) {
    case 'create':
      return { [uri('prov:create:notice')]: { attributes } };
    case 'delete':
      return { [uri('prov:delete')]: {} };
    case 'disable':
      return { [uri('prov:deactivate')]: {} };
    case 'update': {
      const isEnabled = written.changes.some(({ attribute, old, new: now }) => attribute === 'active' && old === false && now === true);
      const others = attributes.filter((name) => !isEnabled || name !== 'active');
      return {
        ...(isEnabled && { [uri('prov:activate')]: {} }),
        ...((others.length > 0 || !isEnabled) && { [uri('prov:patch:notice')]: { attributes: others } }),
      };
    }
  }
}

function attributesOf({ changes, members }: Written): string[] {
  const hasMembers = members !== undefined && members.add.length + members.remove.length > 0;
  return [...new Set([...changes.map(({ attribute }) => attribute), ...(hasMembers ? ['members'] : [])])];
}
