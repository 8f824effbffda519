import { createHash } from 'node:crypto';
import { Refusal } from './find-first.js';
import { findOnPath } from './on-path.js';
import { lastLine, run } from './run.js';

/** A container engine that answers; otherwise why there is none. */
export async function findContainerEngine(path?: string): Promise<string | Refusal> {
  const reasons: string[] = [];
  for (const engine of ['docker', 'podman']) {
    const program = await findOnPath(engine, path);
    if (!program) continue;
    const { status, output } = await run(program, ['info', '--format', '{{.ID}}'], { timeoutMs: 5_000 });
    if (status === 0) return program;
    reasons.push(`${engine} does not answer (${lastLine(output) || 'no reply within 5 s'})`);
  }
  return new Refusal(reasons.join(', ') || 'neither docker nor podman is on PATH');
}

/** The name of the container, or volume, that belongs to a data folder. */
export const containerName = (dataFolder: string, server: string): string =>
  `provident-${server}-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 12)}`;

/** Takes away what an earlier run has left behind; its volume stays. */
export async function removeContainer(engine: string, name: string): Promise<void> {
  await run(engine, ['stop', '--time', '30', name]);
  await run(engine, ['rm', '--force', name]);
}

/** Makes sure an image is here before the clock of the server's start runs. */
export async function pullIfMissing(engine: string, image: string): Promise<void> {
  if ((await run(engine, ['image', 'inspect', image])).status === 0) return;
  const { status, output } = await run(engine, ['pull', image], { timeoutMs: 600_000 });
  if (status !== 0) throw new Error(`image ${image} cannot be pulled: ${lastLine(output)}`);
}
