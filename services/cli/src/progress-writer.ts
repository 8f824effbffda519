import type { Progress } from './progress.js';
import { renderProgress } from './progress.js';
import { cut } from './render/text.js';
import type { Screen } from './screen.js';

const plainEveryMs = 2_000;

/** Shows progress: one line drawn over and over in a terminal, elsewhere a plain line now and then. */
export class ProgressWriter {
  private tick = 0;
  private shown: Progress | null = null;
  private writtenAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly screen: Screen,
    private readonly now: () => number,
  ) {}

  show(progress: Progress): void {
    if (this.screen.isTTY) this.screen.write(`\r\u001B[2K${cut(renderProgress(progress, this.tick++), this.screen.columns - 1)}`);
    else if (this.shown?.phase !== progress.phase || this.now() - this.writtenAt >= plainEveryMs) this.plain(renderProgress(progress));
    this.shown = progress;
  }

  /** The last word; what comes next starts on a line of its own. */
  end(): void {
    if (this.screen.isTTY && this.shown) this.screen.write('\n');
    this.shown = null;
  }

  private plain(line: string): void {
    this.screen.write(`${line}\n`);
    this.writtenAt = this.now();
  }
}
