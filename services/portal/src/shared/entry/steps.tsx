import { Accordion, AccordionHeader, AccordionItem, AccordionPanel, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { LogEntryView, LogStep } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { texts } from '../../texts/en.js';
import { DataTable } from '../data-table.js';
import { withLocalTimes } from '../format.js';
import { Instant } from '../instant.js';
import { StepBadge } from '../status-badge.js';
import { clausesOf } from './advice.js';
import { ChangesTable, Value } from './changes-table.js';
import { ClausesTable } from './clauses-table.js';

const useStyles = makeStyles({
  list: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, listStyleType: 'none', margin: 0, padding: 0 },
  step: { borderLeft: `3px solid ${tokens.colorNeutralStroke1}`, paddingLeft: tokens.spacingHorizontalM, minWidth: 0 },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  quiet: { color: tokens.colorNeutralForeground2 },
  text: { display: 'block', overflowWrap: 'anywhere', marginTop: tokens.spacingVerticalXS },
});

/** The way of one change through import, rules, export and retries, in its order. */
export function Steps({ steps }: { steps: LogEntryView['steps'] }): ReactElement {
  const styles = useStyles();
  return (
    <ol className={styles.list}>
      {steps.map((step) => (
        <li key={step.sequence} className={styles.step}>
          <div className={styles.head}>
            <Text weight="semibold">{texts.step(step.step)}</Text>
            <StepBadge status={step.status} />
            <Text size={200} className={styles.quiet}>
              {texts.activity[step.activity]} · <Instant at={step.at} />
            </Text>
          </div>
          <Text className={styles.text}>{withLocalTimes(step.text)}</Text>
          <Facts step={step} />
        </li>
      ))}
    </ol>
  );
}

interface Tried {
  readonly attribute: string;
  readonly value: unknown;
  readonly found: number;
}

/** What the step knew: read attributes, conditions, look-ups, changes. Closed at first. */
function Facts({ step }: { step: LogStep }): ReactElement | null {
  const { attributes, tried, changes } = step.details as {
    attributes?: Record<string, unknown>;
    tried?: readonly Tried[];
    changes?: LogEntryView['modified'];
  };
  const clauses = clausesOf({ steps: [step] });
  const rows = Object.entries(attributes ?? {});
  if (rows.length === 0 && clauses.length === 0 && !tried?.length && !changes?.length) return null;
  return (
    <Accordion collapsible>
      <AccordionItem value="facts">
        <AccordionHeader size="small">{texts.details.facts}</AccordionHeader>
        <AccordionPanel>
          {rows.length > 0 && (
            <DataTable
              label={texts.details.facts}
              columns={[texts.details.attribute, texts.details.value]}
              rows={rows.map(([name, value]) => [name, name, <Value key="value" value={value} />])}
            />
          )}
          {tried !== undefined && tried.length > 0 && (
            <DataTable
              label={texts.details.tried}
              columns={[texts.details.tried, texts.details.value, texts.details.result]}
              rows={tried.map(({ attribute, value, found }) => [
                attribute,
                attribute,
                <Value key="value" value={value} />,
                texts.details.found(found),
              ])}
            />
          )}
          {clauses.length > 0 && <ClausesTable clauses={clauses} />}
          {changes !== undefined && changes.length > 0 && <ChangesTable modified={changes} />}
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}
