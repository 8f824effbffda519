/** Everything that is made from sources: the compiled services and the portal, beside each other. */
import { buildPortal } from './build-portal.mjs';
import { compile } from './compile.mjs';

export async function build() {
  const parts = await Promise.all([compile(), buildPortal()]);
  const output = parts.map((part) => part.output.trim()).filter(Boolean);
  return { status: parts.find(({ status }) => status !== 0)?.status ?? 0, output: output.join('\n') };
}
