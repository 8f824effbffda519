import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { LogEntryView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { listEvents } from '../../api/list-events.js';
import { detailsTexts } from '../../texts/en/details.js';
import { Loading, Problem } from '../states.js';

const useStyles = makeStyles({
  event: {
    overflowX: 'auto',
    padding: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontSize: tokens.fontSizeBase200,
    fontFamily: tokens.fontFamilyMonospace,
  },
});

/** Events about an object that lie between the first and the last of one change, at most. */
const atMost = 200;

/** The events of a change, as the log keeps them. */
export function RawEvents({ entry }: { entry: LogEntryView }): ReactElement {
  const styles = useStyles();
  const { jobId, changeId, steps, sourceId, targetId } = entry;
  const first = steps[0]?.sequence ?? 0;
  const user = sourceId ?? targetId ?? undefined;
  const { data, error } = useQuery({
    queryKey: ['events-of', changeId, steps.at(-1)?.sequence],
    queryFn: ({ signal }) => listEvents({ after: first - 1, job: jobId, user, limit: atMost }, signal),
  });
  if (!data) return error ? <Problem error={error} /> : <Loading />;
  const sequences = new Set(steps.map(({ sequence }) => sequence));
  return (
    <>
      <Text>{detailsTexts.rawHint}</Text>
      {data
        .filter(({ sequence }) => sequences.has(sequence))
        .map((event) => (
          <pre key={event.sequence} className={styles.event} tabIndex={0}>
            {JSON.stringify(event, null, 2)}
          </pre>
        ))}
    </>
  );
}
