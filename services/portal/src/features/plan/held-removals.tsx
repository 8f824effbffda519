import { Button, Checkbox, makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components';
import type { HeldRemovalView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { decideHeld, heldQuery } from '../../api/held-removals.js';
import { Confirm } from '../../shared/confirm.js';
import { DataTable } from '../../shared/data-table.js';
import { Instant } from '../../shared/instant.js';
import { Link } from '../../shared/link.js';
import { pages } from '../../shared/pages.js';
import { Problem } from '../../shared/states.js';
import { useMay } from '../../shared/use-may.js';
import { useOrder } from '../../shared/use-order.js';
import { heldTexts as said } from '../../texts/en/held.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, minWidth: 0 },
  heading: { margin: 0 },
  line: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
});

const nameOfHeld = ({ displayName, sourceId, targetId, objectKey }: HeldRemovalView): string =>
  displayName ?? sourceId ?? targetId ?? objectKey;

/** Removals that wait for a person: looked at, and released or rejected, by name. Nothing where none waits. */
export function HeldRemovals({ jobId }: { jobId: string }): ReactElement | null {
  const styles = useStyles();
  const { data, error, refetch } = useQuery(heldQuery(jobId));
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : null;
  const waiting = data.removals.filter(({ waitsFor }) => waitsFor === 'person');
  if (waiting.length === 0) return null;
  const count = data.holds.reduce((sum, { proposed }) => sum + proposed, 0);
  return (
    <section className={styles.part}>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.title(Math.max(count, waiting.length))}
      </Subtitle1>
      <Text>
        {said.lead} {data.next !== null && said.more}
      </Text>
      <Choice jobId={jobId} waiting={waiting} />
    </section>
  );
}

function Choice({ jobId, waiting }: { jobId: string; waiting: readonly HeldRemovalView[] }): ReactElement {
  const styles = useStyles();
  const may = useMay('operate', jobId);
  const { give, isPending } = useOrder();
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const chosen = waiting.filter(({ changeId }) => ids.has(changeId));
  const choose = (of: readonly HeldRemovalView[], isChosen: boolean): void => {
    const rest = [...ids].filter((id) => !of.some(({ changeId }) => changeId === id));
    setIds(new Set(isChosen ? [...rest, ...of.map(({ changeId }) => changeId)] : rest));
  };
  const decide = (decision: 'release' | 'reject'): void => {
    for (const [cycleId, of] of Map.groupBy(chosen, (each) => each.cycleId)) give(() => decideHeld(decision, { jobId, cycleId }, of));
    setIds(new Set());
  };
  const isNobody = chosen.length === 0 || isPending;
  return (
    <>
      {may && (
        <div className={styles.line}>
          <Checkbox
            label={said.all}
            checked={chosen.length === waiting.length ? true : chosen.length === 0 ? false : 'mixed'}
            onChange={(_, { checked }) => choose(waiting, checked === true)}
          />
          <Confirm
            title={said.releaseTitle(chosen.length)}
            text={said.releaseText(namesOf(chosen))}
            action={said.release}
            onConfirm={() => decide('release')}
          >
            <Button disabled={isNobody}>{said.release}</Button>
          </Confirm>
          <Confirm
            title={said.rejectTitle(chosen.length)}
            text={said.rejectText(namesOf(chosen))}
            action={said.reject}
            onConfirm={() => decide('reject')}
          >
            <Button disabled={isNobody}>{said.reject}</Button>
          </Confirm>
        </div>
      )}
      <DataTable
        label={said.title(waiting.length)}
        columns={[...(may ? [said.column.choose] : []), said.column.who, said.column.what, said.column.why, said.column.since]}
        rows={waiting.map((removal) => [
          removal.changeId,
          ...(may
            ? [
                <Checkbox
                  key="choose"
                  aria-label={said.choose(nameOfHeld(removal))}
                  checked={ids.has(removal.changeId)}
                  onChange={(_, { checked }) => choose([removal], checked === true)}
                />,
              ]
            : []),
          <Link key="who" to={pages.person(removal.sourceId ?? removal.targetId ?? removal.objectKey)}>
            {nameOfHeld(removal)}
          </Link>,
          `${said.kind[removal.kind]}${removal.members.length === 0 ? '' : `: ${removal.members.map(({ displayName, objectKey }) => displayName ?? objectKey).join(', ')}`}`,
          removal.text,
          <Instant key="since" at={removal.heldAt} />,
        ])}
      />
    </>
  );
}

const namesShown = 10;

function namesOf(chosen: readonly HeldRemovalView[]): string {
  const names = chosen.slice(0, namesShown).map(nameOfHeld).join(', ');
  return chosen.length > namesShown ? `${names} ${said.andMore(chosen.length - namesShown)}` : names;
}
