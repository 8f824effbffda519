import { Button, Card, makeStyles, Subtitle2, Text, ToggleButton, tokens } from '@fluentui/react-components';
import { ArrowClockwiseRegular } from '@fluentui/react-icons/svg/arrow-clockwise';
import type { CauseView, JobStatusView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { retryFailed } from '../../api/retry-failed.js';
import { Confirm } from '../../shared/confirm.js';
import { FactList } from '../../shared/fact-list.js';
import { formatNumber } from '../../shared/format.js';
import { Instant } from '../../shared/instant.js';
import { Link } from '../../shared/link.js';
import { pages } from '../../shared/pages.js';
import { useOrder } from '../../shared/use-order.js';
import { failuresTexts } from '../../texts/en/failures.js';

const useStyles = makeStyles({
  heading: { margin: 0, overflowWrap: 'anywhere' },
  example: { display: 'block' },
  quiet: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
  foot: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

const said = failuresTexts;

interface CauseCardProps {
  readonly cause: CauseView;
  readonly job: JobStatusView;
  /** Whether the list below shows only those who fail for it. */
  readonly isChosen: boolean;
  readonly choose: (isChosen: boolean) => void;
}

/** One reason for which objects fail: how many, since when, who for example, what helps, and another try. */
export function CauseCard({ cause, job: { jobId, target }, isChosen, choose }: CauseCardProps): ReactElement {
  const styles = useStyles();
  const { give, isPending } = useOrder();
  const { causeId, people, givenUp, failures, text, remedy, firstSeenAt, lastSeenAt, examples } = cause;
  return (
    <Card role="region" aria-label={text}>
      <Subtitle2 as="h3" className={styles.heading}>
        {said.objects(people)}: {text}
      </Subtitle2>
      <FactList
        facts={[
          [said.remedy, remedy],
          [said.what, said.operation(cause.operation, cause.attribute)],
          [said.since, <Instant key="since" at={firstSeenAt} />],
          [
            said.last,
            <span key="last">
              <Instant at={lastSeenAt} /> ({said.attempts(failures)})
            </span>,
          ],
          ...(givenUp === 0 ? [] : ([[said.givenUp, formatNumber(givenUp)]] as const)),
          [
            said.examples,
            <span key="examples">
              {examples.map(({ objectKey, sourceId, displayName, message }) => (
                <span key={objectKey} className={styles.example}>
                  <Link to={pages.person(sourceId ?? objectKey)}>{displayName ?? sourceId ?? objectKey}</Link>{' '}
                  <Text size={200} className={styles.quiet}>
                    {message}
                  </Text>
                </span>
              ))}
            </span>,
          ],
        ]}
      />
      <div className={styles.foot}>
        <Confirm
          title={said.retryTitle(people)}
          text={said.retryText(target)}
          action={said.retryNow}
          onConfirm={() => give(() => retryFailed(jobId, { cause: causeId }))}
        >
          <Button icon={<ArrowClockwiseRegular />} disabledFocusable={isPending}>
            {said.retryThese}
          </Button>
        </Confirm>
        <ToggleButton appearance="subtle" checked={isChosen} onClick={() => choose(!isChosen)}>
          {said.onlyThese}
        </ToggleButton>
      </div>
    </Card>
  );
}
