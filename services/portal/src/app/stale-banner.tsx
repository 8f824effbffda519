import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { ReactElement } from 'react';

import { formatClock, formatDuration } from '../shared/format.js';
import { useNow } from '../shared/use-now.js';
import { texts } from '../texts/en.js';
import { type Staleness, useStaleness } from './use-staleness.js';

/** Over every page while the server does not answer: what is shown, how old it is, and that it is asked again. */
export function StaleBanner(): ReactElement | null {
  const { staleness, retry } = useStaleness();
  return staleness && <Banner staleness={staleness} retry={retry} />;
}

function Banner({ staleness: { knownAt, message }, retry }: { staleness: Staleness; retry: () => void }): ReactElement {
  const now = useNow();
  return (
    <MessageBar intent="warning" layout="multiline" shape="square" politeness="assertive">
      <MessageBarBody>
        <MessageBarTitle>{message === '' ? texts.problem.unreachable : message}</MessageBarTitle>{' '}
        {knownAt === null
          ? texts.problem.nothingYet
          : texts.problem.stale(formatClock(knownAt), formatDuration(Math.max(1_000, now - knownAt)))}
      </MessageBarBody>
      <MessageBarActions>
        <Button onClick={retry}>{texts.common.retryNow}</Button>
      </MessageBarActions>
    </MessageBar>
  );
}
