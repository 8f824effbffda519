import { SecretRef } from '@provident/domain';
import { z } from 'zod';

const ownHeaders = /^(authorization|host|connection|content-length|content-type|transfer-encoding|accept)$/i;
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

const address = z
  .url({ protocol: /^https?$/, error: 'an address that begins with https:// or http://' })
  .refine((url) => !/^[^/]*\/\/[^/]*@/.test(url) && !url.includes('#'), { message: 'no user name or fragment in the address' });

const OAuth2 = z
  .strictObject({
    tokenUrl: address.describe('Address of the token endpoint.'),
    clientId: z.string().min(1).describe('Id of the client.'),
    clientSecret: SecretRef.describe('Its secret, as a reference.'),
    scope: z.string().min(1).optional().describe('Scopes that are asked for, with spaces between them.'),
    audience: z.string().min(1).optional().describe('For whom the token is meant, where the server wants to be told.'),
    sendSecret: z
      .enum(['header', 'body'])
      .default('header')
      .describe(
        'How the client proves who it is: `header` by HTTP basic authentication, as the standard has it; `body` beside the request.',
      ),
  })
  .describe('Access tokens of an authorization server, by OAuth 2.0 client credentials.');
export type OAuth2 = z.infer<typeof OAuth2>;

const Auth = z
  .union([
    z.strictObject({ bearer: SecretRef.describe('Bearer token, sent as `Authorization: Bearer …`.') }),
    z.strictObject({
      basic: z
        .strictObject({
          username: z.string().min(1).describe('User name.'),
          password: SecretRef.describe('Password.'),
        })
        .describe('HTTP basic authentication.'),
    }),
    z.strictObject({ oauth2: OAuth2 }),
    z.strictObject({ none: z.literal(true).describe('No authentication; for test servers only.') }),
  ])
  .describe('How requests authenticate: one of `bearer`, `basic`, `oauth2`, `none`.');

/** Settings of a SCIM 2.0 target. */
export const ScimTargetConfig = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'an address that begins with https:// or http://' })
      .refine((url) => !/^[^/]*\/\/[^/]*@/.test(url) && !/[?#]/.test(url), { message: 'no user name, query or fragment in the address' })
      .describe('Base address of the SCIM service, with or without `/v2`, such as `https://app.example/scim/v2`.'),
    auth: Auth,
    concurrency: z
      .int()
      .min(1)
      .max(64)
      .default(8)
      .describe('Requests that the target stands at once; also the number of connections kept open.'),
    pageSize: z.int().min(1).max(1_000).default(100).describe('Accounts asked for per page of a listing.'),
    patch: z
      .enum(['auto', 'always', 'never'])
      .default('auto')
      .describe(
        'How accounts are changed: `always` by PATCH, `never` by PATCH (the whole account is read and written back by PUT), `auto` by PATCH unless the target says or shows that it has none.',
      ),
    membersPerRequest: z
      .int()
      .min(1)
      .max(1_000)
      .default(500)
      .describe('Members of a group that are added and removed by one request at most.'),
    removeMembers: z
      .enum(['filter', 'value'])
      .default('filter')
      .describe(
        'How a member is taken out of a group: `filter` names him in the path, as the standard has it; `value` lists him beside the path `members`, which a few servers need and others take for "all members".',
      ),
    headers: z
      .record(z.string().regex(headerName, 'not a header name'), z.string().regex(headerValue, 'not a header value'))
      .refine((headers) => !Object.keys(headers).some((name) => ownHeaders.test(name)), {
        message: 'names a header that the connector sets itself',
      })
      .optional()
      .describe('Further headers sent with every request. Not for secrets: these values lie in the job file.'),
    traceparent: z
      .boolean()
      .default(false)
      .describe(
        'Whether writes that are traced carry the header `traceparent`, so that traces of the target join those of Provident. For systems of your own.',
      ),
  })
  .describe('A SCIM 2.0 service as the target.');
export type ScimTargetConfig = z.infer<typeof ScimTargetConfig>;
