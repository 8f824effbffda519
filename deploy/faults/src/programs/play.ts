import { type Engine, SeedPlayer } from '../simulation/play-seeds.js';
import type { SeedResult } from '../simulation/play-seed.js';

/** What a process that plays seeds is told, and what it answers. */
export type Order = { readonly seeds: readonly number[] };
export type Report = Pick<SeedResult, 'seed' | 'problems' | 'counts'>;
export type Answer = { readonly reports: readonly Report[] } | { readonly cannot: string };

/** Plays the seeds that its parent sends, until the parent hangs up. */
async function main(engine: Engine): Promise<void> {
  const answer = (message: Answer): void => void process.send!(message);
  const cannot = (error: unknown): void => answer({ cannot: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.on('disconnect', () => process.exit(0));
  const player = await SeedPlayer.open(engine).catch(cannot);
  if (!player) return;
  process.on('message', (order: Order) => {
    void (async () => {
      const reports: Report[] = [];
      for (const seed of order.seeds) {
        const { problems, counts } = await player.play(seed);
        reports.push({ seed, problems, counts });
      }
      answer({ reports });
    })().catch(cannot);
  });
  answer({ reports: [] });
}

await main(JSON.parse(process.argv[2]!) as Engine);
