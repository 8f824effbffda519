import { Accordion, AccordionHeader, AccordionItem, AccordionPanel, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { LogStep } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { jobTexts } from '../../texts/en/job.js';
import { detailsTexts } from '../../texts/en/details.js';
import { withLocalTimes } from '../format.js';
import { Instant } from '../instant.js';
import { StepBadge } from '../status-badge.js';
import { factsOf, hasFacts } from './step-facts.js';
import { StepValues } from './step-values.js';

const useStyles = makeStyles({
  list: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, listStyleType: 'none', margin: 0, padding: 0 },
  step: { borderLeft: `3px solid ${tokens.colorNeutralStroke1}`, paddingLeft: tokens.spacingHorizontalM, minWidth: 0 },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  quiet: { color: tokens.colorNeutralForeground2 },
  text: { display: 'block', overflowWrap: 'anywhere', marginTop: tokens.spacingVerticalXS },
});

export interface ShownStep {
  readonly key: string | number;
  readonly title: string;
  readonly status: LogStep['status'];
  readonly at: string;
  /** What stands before its time. */
  readonly note?: string;
  readonly text: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Steps in their order. Their values are closed at first unless `isOpen`. */
export function StepList({ steps, isOpen = false }: { steps: readonly ShownStep[]; isOpen?: boolean }): ReactElement {
  const styles = useStyles();
  return (
    <ol className={styles.list}>
      {steps.map(({ key, title, status, at, note, text, details }) => (
        <li key={key} className={styles.step}>
          <div className={styles.head}>
            <Text weight="semibold">{title}</Text>
            <StepBadge status={status} />
            <Text size={200} className={styles.quiet}>
              {note !== undefined && `${note} · `}
              <Instant at={at} />
            </Text>
          </div>
          <Text className={styles.text}>{withLocalTimes(text)}</Text>
          <Facts details={details} isOpen={isOpen} />
        </li>
      ))}
    </ol>
  );
}

function Facts({ details, isOpen }: Pick<ShownStep, 'details'> & { isOpen: boolean }): ReactElement | null {
  const facts = factsOf(details, jobTexts.activeTitle);
  if (!hasFacts(facts)) return null;
  return (
    <Accordion collapsible defaultOpenItems={isOpen ? ['facts'] : []}>
      <AccordionItem value="facts">
        <AccordionHeader size="small">{detailsTexts.facts}</AccordionHeader>
        <AccordionPanel>
          <StepValues facts={facts} />
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}
