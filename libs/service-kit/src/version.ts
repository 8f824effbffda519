import { createRequire } from 'node:module';

/** Version of this build. */
export const version = (createRequire(import.meta.url)('@provident/service-kit/package.json') as { version: string }).version;
