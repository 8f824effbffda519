/** Everything that is made from sources: the services, and the portal beside them. */
import { buildPortal } from './build-portal.mjs';
import { bundleServices } from './bundle-services.mjs';
import { compile } from './compile.mjs';

export async function build() {
  const parts = await Promise.all([buildServices(), buildPortal()]);
  const output = parts.map((part) => part.output.trim()).filter(Boolean);
  return { status: parts.find(({ status }) => status !== 0)?.status ?? 0, output: output.join('\n') };
}

export async function buildServices() {
  const compiled = await compile();
  return compiled.status === 0 ? bundleServices() : compiled;
}
