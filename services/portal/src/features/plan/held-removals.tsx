import { Button, Checkbox, makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components';
import type { HeldRemovalView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { decideHeld, heldQuery, mostNamed } from '../../api/held-removals.js';
import { Confirm } from '../../shared/confirm.js';
import { DataTable } from '../../shared/data-table.js';
import { guardsSaid } from '../../shared/guards-said.js';
import { Instant } from '../../shared/instant.js';
import { PersonLink } from '../../shared/person-link.js';
import { Problem } from '../../shared/states.js';
import { useMay } from '../../shared/use-may.js';
import { useOrder } from '../../shared/use-order.js';
import { heldTexts as said } from '../../texts/en/held.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, minWidth: 0 },
  heading: { margin: 0 },
  guards: { margin: 0, paddingLeft: tokens.spacingHorizontalXL },
  line: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
});

const idOfHeld = ({ sourceId, targetId, objectKey }: HeldRemovalView): string => sourceId ?? targetId ?? objectKey;

/** With the id, for two people may have one name. */
function nameOfHeld(removal: HeldRemovalView): string {
  const { displayName } = removal;
  const id = idOfHeld(removal);
  return displayName === null || displayName === id ? id : said.named(displayName, id);
}

/** Removals that wait for a person: looked at, and released or rejected, by name. Nothing where none waits. */
export function HeldRemovals({ jobId }: { jobId: string }): ReactElement | null {
  const styles = useStyles();
  // Where the pages before this one begin: the first has no cursor.
  const [cursors, setCursors] = useState<readonly (string | undefined)[]>([undefined]);
  const { data, error, refetch } = useQuery(heldQuery(jobId, cursors.at(-1)));
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : null;
  const { holds, removals, next } = data;
  const waiting = removals.filter(({ waitsFor }) => waitsFor === 'person');
  const whole = Math.max(
    holds.reduce((sum, { proposed }) => sum + proposed, 0),
    waiting.length,
  );
  if (waiting.length === 0 && cursors.length === 1) return null;
  const guards = guardsSaid(holds.flatMap((hold) => hold.guards));
  const from = (cursors.length - 1) * mostNamed;
  return (
    <section className={styles.part}>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.title(whole)}
      </Subtitle1>
      <Text>{said.lead}</Text>
      {guards.length > 0 && (
        <ul aria-label={said.guardsTitle} className={styles.guards}>
          {guards.map((guard) => (
            <li key={guard}>{guard}</li>
          ))}
        </ul>
      )}
      <Choice jobId={jobId} waiting={waiting} onDecided={() => setCursors([undefined])} />
      {(next !== null || cursors.length > 1) && (
        <div className={styles.line}>
          <Button disabledFocusable={cursors.length === 1} onClick={() => setCursors(cursors.slice(0, -1))}>
            {said.previous}
          </Button>
          <Text role="status">{said.pageOf(Math.min(from + 1, whole), from + waiting.length, Math.max(whole, from + waiting.length))}</Text>
          <Button disabledFocusable={next === null} onClick={() => setCursors([...cursors, next ?? undefined])}>
            {said.next}
          </Button>
        </div>
      )}
    </section>
  );
}

interface ChoiceProps {
  readonly jobId: string;
  readonly waiting: readonly HeldRemovalView[];
  /** The others move up: the pages begin anew. */
  readonly onDecided: () => void;
}

/** What is chosen stays so while others are looked at. */
function Choice({ jobId, waiting, onDecided }: ChoiceProps): ReactElement {
  const styles = useStyles();
  const may = useMay('operate', jobId);
  const { give, isPending } = useOrder();
  const [picked, setPicked] = useState<ReadonlyMap<string, HeldRemovalView>>(new Map());
  const chosen = [...picked.values()];
  const here = waiting.filter(({ changeId }) => picked.has(changeId));
  const choose = (of: readonly HeldRemovalView[], isChosen: boolean): void => {
    const next = new Map(picked);
    for (const removal of of) {
      if (isChosen) next.set(removal.changeId, removal);
      else next.delete(removal.changeId);
    }
    setPicked(next);
  };
  const decide = (decision: 'release' | 'reject'): void => {
    for (const [cycleId, of] of Map.groupBy(chosen, (each) => each.cycleId)) give(() => decideHeld(decision, { jobId, cycleId }, of));
    setPicked(new Map());
    onDecided();
  };
  const isNobody = chosen.length === 0 || isPending;
  return (
    <>
      {may && (
        <div className={styles.line}>
          <Checkbox
            label={said.all}
            checked={here.length > 0 && here.length === waiting.length ? true : here.length === 0 ? false : 'mixed'}
            onChange={(_, { checked }) => choose(waiting, checked === true)}
          />
          <Confirm
            title={said.releaseTitle(chosen.length)}
            text={said.releaseText(namesOf(chosen))}
            action={said.release}
            onConfirm={() => decide('release')}
          >
            <Button disabledFocusable={isNobody}>{said.release}</Button>
          </Confirm>
          <Confirm
            title={said.rejectTitle(chosen.length)}
            text={said.rejectText(namesOf(chosen))}
            action={said.reject}
            onConfirm={() => decide('reject')}
          >
            <Button disabledFocusable={isNobody}>{said.reject}</Button>
          </Confirm>
          {chosen.length > 0 && <Text role="status">{said.chosen(chosen.length)}</Text>}
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
                  checked={picked.has(removal.changeId)}
                  onChange={(_, { checked }) => choose([removal], checked === true)}
                />,
              ]
            : []),
          <PersonLink key="who" id={idOfHeld(removal)} name={removal.displayName} />,
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
