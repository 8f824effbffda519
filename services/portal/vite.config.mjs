import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

/** Where a running report-api is found while developing with `npx vite services/portal`. */
const api = process.env['PROVIDENT_URL'] ?? 'http://127.0.0.1:8730';

/** Fails the build when anything of ours but views comes into a bundle: rules and event definitions have no business in a browser. */
const onlyViews = {
  name: 'only-views',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((chunk) => Object.keys(chunk.modules ?? {}));
    const foreign = modules.filter((id) => /\/(libs|services)\//.test(id) && !/\/(services\/portal|libs\/contracts\/src)\//.test(id));
    if (foreign.length > 0) this.error(`the portal would bring along ${foreign.join(', ')}`);
  },
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/portal/',
  plugins: [onlyViews],
  // Our own libraries are taken from their sources: no other build has to be there first.
  resolve: { conditions: ['@provident/source', ...defaultClientConditions] },
  // report-api puts a nonce of its own here into every answer.
  html: { cspNonce: 'PROVIDENT_CSP_NONCE' },
  build: {
    outDir: 'dist/public',
    emptyOutDir: true,
    target: 'es2024',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    manifest: 'manifest.json',
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      // Packages mark files for frameworks that render on a server; here it says nothing.
      onLog: (level, log, say) => (log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : say(level, log)),
    },
  },
  server: { host: '127.0.0.1', proxy: { '/provident': api, '/health': api } },
});
