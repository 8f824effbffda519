import type { RestartScope } from '../../api/restart-job.js';

interface ScopeWords {
  readonly name: string;
  readonly does: string;
}

const scopes: Record<RestartScope, ScopeWords> = {
  watermark: {
    name: 'Read everything again',
    does: 'How far the source was read is forgotten. The next cycle is an initial one: the whole source is read and every object compared with the target. It takes as long as the first cycle; nothing is written where both agree already.',
  },
  escrows: {
    name: 'Let go of failed objects',
    does: 'Objects that failed are no longer tried again by themselves. They come back when they are read, which is at once together with "Read everything again".',
  },
  quarantine: {
    name: 'End the quarantine',
    does: 'The failures that led to it are forgotten, and the job runs at its usual times. If the cause is still there it comes back.',
  },
  links: {
    name: 'Match everybody anew',
    does: 'Which account belongs to whom is forgotten. Everybody is looked up in the target again by the matching attributes; whoever is not found gets a new account. Everything is read again with it. Rarely needed, and the one scope that can make second accounts.',
  },
  removals: {
    name: 'Carry out held removals',
    does: 'The accounts whose removal waits for a person are disabled or deleted now, all of them. This cannot be taken back here. To look at the names first, or to let only some of them go, see the page "What would happen".',
  },
};

/** Words of the dialog that restarts a job. */
export const restartTexts = {
  action: 'Restart…',
  title: (job: string) => `Restart ${job}`,
  lead: 'Choose what the job lets go of. The import of an open cycle ends, what it has imported is finished, and a new cycle opens. Pause and stop are lifted, too.',
  usual: 'The usual ones',
  scopes,
  none: 'Choose at least one.',
  forced: 'comes with "Match everybody anew"',
  sure: 'I have understood what this does',
  restart: 'Restart',
} as const;
