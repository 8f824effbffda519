import { makeStyles, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { ReactElement, ReactNode } from 'react';

const useStyles = makeStyles({ text: { display: 'block', overflowWrap: 'anywhere' } });

interface NoticeProps {
  readonly intent: 'error' | 'warning';
  readonly title: string;
  readonly lines: readonly string[];
  readonly actions?: ReactNode;
}

/** Something that waits for a person, in a sentence, with what it means below and what to do beside it. */
export function Notice({ intent, title, lines, actions }: NoticeProps): ReactElement {
  const styles = useStyles();
  return (
    <MessageBar intent={intent} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        {lines.map((line) => (
          <span key={line} className={styles.text}>
            {line}
          </span>
        ))}
      </MessageBarBody>
      {actions !== undefined && <MessageBarActions>{actions}</MessageBarActions>}
    </MessageBar>
  );
}
