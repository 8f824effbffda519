import { type Needed, portalPath, type Route, routePermissions, type Routes, routes } from '@provident/contracts';

/** A route of the API, as a request reached it. */
export interface KnownRoute {
  /** `GET /path/:parameter`, as the document of the API names it. */
  readonly name: string;
  readonly summary: string;
  readonly needed: Needed;
}

/** Names of parameters do not tell routes apart, and Graph's are there in two versions, under two collections, and the log under two names. */
const plain = (method: string, path: string): string =>
  `${method === 'HEAD' ? 'GET' : method} ${path
    .replace(/\(\)$/, '')
    .replace(/^\/(v1\.0|beta)\/applications\//, '/v1.0/servicePrincipals/')
    .replace(/^\/beta\//, '/v1.0/')
    .replace(/^(\/v1\.0\/auditLogs)\/directoryProvisioning$/, '$1/provisioning')
    .replace(/:\w+/g, ':')
    .replace(/(.)\/$/, '$1')}`;

const known = new Map(
  Object.entries<Route>(routes).map(([name, { method, path, summary }]): [string, KnownRoute] => [
    plain(method, path),
    { name: `${method} ${path}`, summary, needed: routePermissions[name as keyof Routes] },
  ]),
);

/** The portal's files hold no secret: they ask the API like everybody else. */
const pages: ReadonlySet<string> = new Set(['/', portalPath, `${portalPath}/*`].map((path) => plain('GET', path)));
const page: KnownRoute = { name: 'GET /portal', summary: 'The portal', needed: { permission: 'nobody' } };

/** What a path that the service serves needs; undefined where nobody has said so. */
export function neededOf(method: string, path: string): KnownRoute | undefined {
  const name = plain(method, path);
  return known.get(name) ?? (pages.has(name) ? page : undefined);
}
