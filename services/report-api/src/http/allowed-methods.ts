import { type Route, routes } from '@provident/contracts';

const served = Object.values<Route>(routes).map(({ method, path }) => ({ method, path: patternOf(path) }));

function patternOf(path: string): RegExp {
  const segments = path
    .split('/')
    .map((each) =>
      each === ':connection' ? 'objectConnections\\([^/]*\\)' : each.startsWith(':') ? '[^/]+' : each.replace(/[.$]/g, '\\$&'),
    );
  return new RegExp(`^${segments.join('/')}/?$`, 'i');
}

/** Graph's paths are there in two versions, and synchronization under two collections. */
const asWritten = (path: string): string =>
  path
    .replace(/^\/beta\//i, '/v1.0/')
    .replace(/^\/v1\.0\/applications\//i, '/v1.0/servicePrincipals/')
    .replace(/\(\)$/, '');

/** Methods that a path has; none where there is no such path. @param url with or without its query */
export function allowedMethods(url: string): string[] {
  const path = asWritten(url.split('?')[0]!);
  return [...new Set(served.filter((route) => route.path.test(path)).map(({ method }) => method))].sort();
}
