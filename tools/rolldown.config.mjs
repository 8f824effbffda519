/**
 * Each service as one file, `services/<name>/dist/service.mjs`, and what several of them share beside it in `services/dist`: a service that loads
 * its 1,700 modules one by one spends most of its start on finding them. Not minified, so that a stack still tells its functions.
 */
import { serviceNames } from './lib/bundle-services.mjs';
import { inRoot } from './lib/workspace.mjs';

export default {
  cwd: inRoot(),
  input: Object.fromEntries(serviceNames().map((name) => [name, inRoot('services', name, 'dist', 'main.js')])),
  platform: 'node',
  // Asked for by libraries that go on without them.
  external: ['pg-native', 'cloudflare:sockets'],
  treeshake: false, // events make themselves known to the codec where they are defined: a service must know also those that it never names
  onLog(level, log, show) {
    if (!log.id?.includes('node_modules') && !log.ids?.some((id) => id.includes('node_modules'))) show(level, log);
  },
  output: {
    dir: inRoot('services'),
    format: 'esm',
    entryFileNames: '[name]/dist/service.mjs',
    chunkFileNames: 'dist/[name]-[hash].mjs',
    keepNames: true, // entities and errors are told by the names of their classes
  },
};
