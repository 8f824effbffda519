import { Badge, Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { SimulatedAction, SimulatedMember, SimulatedOutcome, SimulatedRow } from '@provident/contracts/http';
import { type ReactElement, useState } from 'react';

import { Value } from '../../shared/entry/changes-table.js';
import { Link } from '../../shared/link.js';
import { pages } from '../../shared/pages.js';
import { texts } from '../../texts/en.js';
import { planTexts as said } from '../../texts/en/plan.js';

const useStyles = makeStyles({
  block: { display: 'block' },
  quiet: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
  changes: { display: 'inline-block', minWidth: 'min(280px, 100%)' },
  pair: { display: 'flex', flexDirection: 'column', alignItems: 'start', gap: tokens.spacingVerticalXS },
  attribute: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  old: { color: tokens.colorNeutralForeground2, textDecorationLine: 'line-through' },
});

const colours: Record<SimulatedAction, 'success' | 'brand' | 'warning' | 'danger' | 'informative'> = {
  create: 'success',
  update: 'brand',
  disable: 'warning',
  delete: 'danger',
  skip: 'informative',
  unchanged: 'informative',
  fail: 'danger',
};

export function Who({ row: { displayName, sourceId, targetId, match, objectType } }: { row: SimulatedRow }): ReactElement {
  const styles = useStyles();
  const id = sourceId ?? targetId;
  const name = displayName ?? match?.value ?? id ?? said.unnamed;
  return (
    <span>
      {id === null ? name : <Link to={pages.person(id)}>{name}</Link>}
      <Text size={200} block className={styles.quiet}>
        {[objectType === 'user' ? null : texts.objectType(objectType, 1), sourceId, match?.value]
          .filter((each) => each && each !== name)
          .join(' · ')}
      </Text>
    </span>
  );
}

const ActionBadge = ({ action }: { action: SimulatedAction }): ReactElement => (
  <Badge appearance="tint" shape="rounded" size="large" color={colours[action]} style={{ whiteSpace: 'nowrap' }}>
    {said.action[action]}
  </Badge>
);

/** What would be done; under two sets of rules, what each would do. */
export function ActionOf({ row: { action, before } }: { row: SimulatedRow }): ReactElement {
  const styles = useStyles();
  if (!before) return <ActionBadge action={action} />;
  return (
    <span className={styles.pair}>
      <span>
        {said.now}: <ActionBadge action={before.action} />
      </span>
      <span>
        {said.after}: <ActionBadge action={action} />
      </span>
    </span>
  );
}

export function Reason({ row }: { row: SimulatedRow }): ReactElement {
  const styles = useStyles();
  const notes = [row.reason.text, ...(row.enable ? [said.enable] : []), ...(row.linksNow ? [said.linksNow] : [])];
  return (
    <span>
      {row.before && row.before.reason.text !== row.reason.text && (
        <span className={styles.block}>
          {said.now}: {row.before.reason.text}
        </span>
      )}
      <span className={styles.block}>
        {row.before && row.before.reason.text !== row.reason.text ? `${said.after}: ` : ''}
        {notes.join(' ')}
      </span>
    </span>
  );
}

/** Attributes that would be written, old and new; under two sets of rules, those of each. */
export function Changes({ row }: { row: SimulatedRow }): ReactElement {
  const styles = useStyles();
  if (row.valuesLeftOut) return <>{said.valuesLeftOut}</>;
  const { before } = row;
  if (!before) return <ChangeLines outcome={row} />;
  return (
    <span className={styles.pair}>
      {linesOf(before).length > 0 && <ChangeLines label={said.now} outcome={before} />}
      {linesOf(row).length > 0 && <ChangeLines label={said.after} outcome={row} />}
    </span>
  );
}

const atFirst = 4;

/** Attributes, and of a group whoever joins as a new value, whoever leaves as an old one. */
function linesOf({ changes, members }: SimulatedOutcome): SimulatedOutcome['changes'] {
  const nameOf = ({ key, displayName }: SimulatedMember): string => (displayName === null ? key : `${displayName} (${key})`);
  return [
    ...changes,
    ...(members?.add ?? []).map((member) => ({ attribute: 'members', old: null, new: nameOf(member) })),
    ...(members?.remove ?? []).map((member) => ({ attribute: 'members', old: nameOf(member), new: null })),
  ];
}

function ChangeLines({ outcome, label }: { outcome: SimulatedOutcome; label?: string }): ReactElement {
  const changes = linesOf(outcome);
  const styles = useStyles();
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen ? changes : changes.slice(0, atFirst);
  return (
    <span className={styles.changes}>
      {label !== undefined && `${label}:`}
      {shown.map(({ attribute, old, new: wanted }, at) => (
        <span key={`${attribute} ${at}`} className={styles.block}>
          <span className={styles.attribute}>{attribute}</span>{' '}
          {old !== null && (
            <>
              <span className={styles.old}>
                <Value value={old} />
              </span>{' '}
              →{' '}
            </>
          )}
          <Value value={wanted} />
        </span>
      ))}
      {changes.length > atFirst && (
        <Button size="small" appearance="transparent" onClick={() => setOpen(!isOpen)}>
          {isOpen ? said.fewer : said.more(changes.length - atFirst)}
        </Button>
      )}
    </span>
  );
}
