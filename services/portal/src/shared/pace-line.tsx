import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { JobStatusView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { paceSaid } from './pace-said.js';
import { useNow } from './use-now.js';

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' } });

/** What holds a job up at its target; nothing where nothing does. */
export function PaceLine({ job: { pace } }: { job: JobStatusView }): ReactElement | null {
  const styles = useStyles();
  const now = useNow();
  return pace === null ? null : <Text className={styles.quiet}>{paceSaid(pace, now)}</Text>;
}
