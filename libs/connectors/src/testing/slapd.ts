import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const schemaDir = '/etc/ldap/schema';
const moduleDir = '/usr/lib/ldap';

/** Path of the OpenLDAP server as Debian and its relatives package it (`slapd`), or null when it is not installed. */
export function findSlapd(): string | null {
  const path = ['/usr/sbin/slapd', '/usr/local/sbin/slapd'].find((candidate) => existsSync(candidate));
  return path && existsSync(schemaDir) && existsSync(moduleDir) ? path : null;
}

export interface SlapdOptions {
  /** People to load: `uid=p0` to `uid=p<n-1>`, each changed in a second of its own, from 2020-01-01 on. */
  readonly people: number;
  /** Offer StartTLS and `ldaps://`, with a certificate for 127.0.0.1 and localhost from an own authority; needs `openssl`. */
  readonly tls?: boolean;
  /** Entries that an ordinary account gets from one search at most. */
  readonly sizeLimit?: number;
  /** Keep `memberOf` of people and groups in step with `member` of groups, from the first change on. */
  readonly memberOf?: boolean;
  /** More LDIF to load, behind the people. */
  readonly ldif?: string;
  /** What the database may grow to, in MiB; enough for a few thousand entries by default. */
  readonly sizeMiB?: number;
}

/** A running OpenLDAP server on a free port of 127.0.0.1, with all its files in a folder of its own. */
export interface Slapd {
  readonly port: number;
  readonly url: string;
  /** null without TLS, like `caFile`. */
  readonly ldapsUrl: string | null;
  readonly caFile: string | null;
  readonly baseDn: string;
  readonly peopleDn: string;
  /** Administrator, without limits. */
  readonly admin: { readonly dn: string; readonly password: string };
  /** Ordinary account that may read everything, within limits. */
  readonly reader: { readonly dn: string; readonly password: string };
  readonly pid: number;
  /** Ends this one process and removes its files. */
  readonly stop: () => Promise<void>;
}

const baseDn = 'dc=example,dc=org';
const admin = { dn: `cn=admin,${baseDn}`, password: 'admin-secret' };
const reader = { dn: `cn=reader,${baseDn}`, password: 'reader-secret' };

/** @throws Error when slapd is not installed or does not come up within ten seconds */
export async function startSlapd(options: SlapdOptions): Promise<Slapd> {
  const program = findSlapd();
  if (!program) throw new Error('slapd is not installed');
  const dir = await mkdtemp(join(tmpdir(), 'provident-slapd-'));
  const [port, tlsPort] = [await freePort(), await freePort()];
  if (options.tls) await makeCertificates(dir);
  await load(program, dir, options);

  const urls = [`ldap://127.0.0.1:${port}/`, ...(options.tls ? [`ldaps://127.0.0.1:${tlsPort}/`] : [])];
  const server = spawn(program, ['-d', '0', '-F', join(dir, 'conf'), '-h', urls.join(' ')], { stdio: 'ignore' });
  const stop = async () => {
    await end(server);
    await rm(dir, { recursive: true, force: true });
  };
  await reachable(port, server).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    port,
    url: `ldap://127.0.0.1:${port}`,
    ldapsUrl: options.tls ? `ldaps://127.0.0.1:${tlsPort}` : null,
    caFile: options.tls ? join(dir, 'ca.pem') : null,
    baseDn,
    peopleDn: `ou=people,${baseDn}`,
    admin,
    reader,
    pid: server.pid as number,
    stop,
  };
}

async function load(program: string, dir: string, options: SlapdOptions): Promise<void> {
  for (const folder of ['conf', 'data']) await mkdir(join(dir, folder));
  await writeFile(join(dir, 'config.ldif'), configLdif(dir, options));
  await writeFile(join(dir, 'people.ldif'), [peopleLdif(options.people), options.ldif ?? ''].join('\n'));
  const add = (...more: string[]) => run(program, ['-T', 'add', '-F', join(dir, 'conf'), ...more]);
  await add('-n', '0', '-l', join(dir, 'config.ldif'));
  await add('-n', '1', '-q', '-l', join(dir, 'people.ldif'));
}

function configLdif(dir: string, { tls, sizeLimit, memberOf, sizeMiB }: SlapdOptions): string {
  const tlsLines = [
    `olcTLSCertificateFile: ${dir}/server.pem`,
    `olcTLSCertificateKeyFile: ${dir}/server.key`,
    `olcTLSCACertificateFile: ${dir}/ca.pem`,
  ];
  return `dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: ${dir}/slapd.pid
olcSizeLimit: ${sizeLimit ?? 'unlimited'}
${tls ? tlsLines.join('\n') : ''}

dn: cn=module,cn=config
objectClass: olcModuleList
cn: module
olcModulePath: ${moduleDir}
olcModuleLoad: back_mdb
${memberOf ? 'olcModuleLoad: memberof' : ''}

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

${['core', 'cosine', 'inetorgperson'].map((name) => `include: file://${schemaDir}/${name}.ldif`).join('\n')}

dn: olcDatabase=mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: mdb
olcSuffix: ${baseDn}
olcRootDN: ${admin.dn}
olcRootPW: ${admin.password}
olcDbDirectory: ${dir}/data
olcDbMaxSize: ${(sizeMiB ?? 64) * 2 ** 20}
olcDbIndex: objectClass eq
olcDbIndex: member eq
olcDbIndex: entryUUID,modifyTimestamp,createTimestamp eq
olcAccess: to attrs=userPassword by anonymous auth by * none
olcAccess: to * by dn.exact="${reader.dn}" read by anonymous auth by * none
${memberOf ? '\ndn: olcOverlay=memberof,olcDatabase={1}mdb,cn=config\nobjectClass: olcOverlayConfig\nobjectClass: olcMemberOf\nolcOverlay: memberof\n' : ''}`.replaceAll(
    /\n\n\n+/g,
    '\n\n',
  );
}

function peopleLdif(people: number): string {
  const head = `dn: ${baseDn}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ${reader.dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: ${reader.password}

dn: ou=people,${baseDn}
objectClass: organizationalUnit
ou: people
`;
  return [head, ...Array.from({ length: people }, (_, index) => personLdif(index))].join('\n');
}

function personLdif(index: number): string {
  const changedAt = new Date(Date.UTC(2020, 0, 1, 0, 0, index)).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return `dn: uid=p${index},ou=people,${baseDn}
objectClass: inetOrgPerson
uid: p${index}
cn: Person ${index}
sn: Number ${index}
mail: p${index}@example.org
mail: person.${index}@example.org
employeeNumber: E${index}
createTimestamp: ${changedAt}
modifyTimestamp: ${changedAt}
`;
}

/** An authority, and a certificate of it for this machine's loopback names. */
async function makeCertificates(dir: string): Promise<void> {
  const openssl = (...parts: string[]) => run('openssl', parts, { cwd: dir });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await writeFile(join(dir, 'names.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test authority');
  await openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names.ext'];
  await openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...signing);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function reachable(port: number, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (server.exitCode !== null) throw new Error(`slapd ended at once (${server.exitCode})`);
    if (await accepts(port)) return;
    await delay(50);
  }
  throw new Error('slapd did not come up within ten seconds');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await Promise.race([ended, delay(3000, undefined, { ref: false })]);
  if (server.exitCode === null && server.signalCode === null) server.kill('SIGKILL');
}
