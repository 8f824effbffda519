import { SecretRef } from '@provident/domain';
import { z } from 'zod';

const Duration = z.string().regex(/^\d+(s|m|h|d)$/, 'a whole number followed by s, m, h or d, such as 10s');
const AttributeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.;_-]*$/, 'a name of an LDAP attribute');

/** Settings of the `ldap` source. */
export const LdapSourceConfig = z
  .strictObject({
    url: z
      .string()
      .regex(/^ldaps?:\/\/[^/?#@\s]+\/?$/i, 'ldap://host:port or ldaps://host:port')
      .describe('Address of the server: `ldap://host:port` or `ldaps://host:port`.'),
    startTls: z.boolean().default(false).describe('Whether an `ldap://` connection is encrypted before anything else is said.'),
    tls: z
      .strictObject({
        ca: z
          .string()
          .min(1)
          .optional()
          .describe('PEM file of the certificate authority to trust; a relative path starts from the folder of the job files.'),
        serverName: z.string().min(1).optional().describe('Name that the certificate must carry; the host of the address by default.'),
        rejectUnauthorized: z
          .boolean()
          .default(true)
          .describe(
            'Whether an untrusted certificate ends the connection. Turn it off for a trial only: the name of the system then says so.',
          ),
      })
      .prefault({})
      .describe('How the server proves who it is, with `ldaps://` and `startTls`.'),
    bindDn: z.string().min(1).optional().describe('Distinguished name of the account that reads; anonymous without it.'),
    password: SecretRef.optional().describe('Its password, as a reference.'),
    baseDn: z.string().describe('Distinguished name of the branch that holds the people.'),
    filter: z.string().min(1).default('(objectClass=inetOrgPerson)').describe('Which entries are people, as an LDAP filter.'),
    scope: z.enum(['base', 'one', 'sub']).default('sub').describe('How deep below `baseDn`: that entry alone, one level, or all of it.'),
    anchor: AttributeName.optional().describe(
      'Attribute whose single value names a person for good. By default the one that the server gives: `entryUUID`, `nsUniqueId` or `objectGUID`.',
    ),
    binary: z
      .array(AttributeName)
      .default([])
      .describe('Attributes to read as binary (base64) besides the well-known ones, such as `jpegPhoto`.'),
    references: z
      .array(AttributeName)
      .default([])
      .describe(
        'Attributes that hold the distinguished name of a person or a group, such as `manager`: they are read as the anchor of that entry.',
      ),
    groups: z
      .strictObject({
        baseDn: z.string().optional().describe('Distinguished name of the branch that holds the groups; that of the people by default.'),
        filter: z
          .string()
          .min(1)
          .default('(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))')
          .describe('Which entries are groups, as an LDAP filter.'),
        scope: z.enum(['base', 'one', 'sub']).default('sub').describe('How deep below that branch.'),
        anchor: AttributeName.optional().describe('Attribute whose single value names a group for good; as for people.'),
        members: AttributeName.default('member').describe(
          'Attribute that says who belongs to a group: `member` or `uniqueMember` of groups, or `memberOf` of people and groups.',
        ),
      })
      .optional()
      .describe('The groups of the directory.'),
    pageSize: z.int().min(1).max(10_000).default(500).describe('Entries that the server is asked for at a time, at most.'),
    connectTimeout: Duration.default('10s').describe('Time to connect, to encrypt and to log in.'),
    operationTimeout: Duration.optional().describe('Time that one request may take; that of all connectors by default.'),
    fullReadEvery: Duration.default('24h').describe(
      'Time after which everything is read again: reading changes alone never shows what was removed.',
    ),
  })
  .refine((config) => !(config.startTls && /^ldaps:/i.test(config.url)), { message: 'is for ldap:// addresses', path: ['startTls'] })
  .refine((config) => (config.bindDn === undefined) === (config.password === undefined), {
    message: 'give "bindDn" and "password" together',
    path: ['password'],
  })
  .describe('Settings of an LDAP directory as a source of people and groups.');
export type LdapSourceConfig = z.infer<typeof LdapSourceConfig>;
