import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import type { ReactElement, ReactNode } from 'react';

import { ApiProblem } from '../api/request.js';
import { texts } from '../texts/en.js';

const useStyles = makeStyles({
  empty: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    gap: tokens.spacingVerticalS,
    textAlign: 'center',
    color: tokens.colorNeutralForeground2,
    paddingBlock: tokens.spacingVerticalXXXL,
    paddingInline: tokens.spacingHorizontalL,
  },
});

/** While nothing has arrived yet. */
export const Loading = (): ReactElement => <Spinner label={texts.common.loading} style={{ padding: 40 }} />;

/** There is nothing, and this is why. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  const styles = useStyles();
  return (
    <div className={styles.empty} role="status">
      <Text size={500} weight="semibold" align="center">
        {title}
      </Text>
      {children !== undefined && <Text align="center">{children}</Text>}
    </div>
  );
}

export function saidOf(error: Error): string {
  if (!(error instanceof ApiProblem)) return error.message;
  if (error.kind === 'strange') return texts.problem.strange(error.message);
  return error.status === 0 ? texts.problem.unreachable : error.message;
}

/** It could not be loaded, and nothing older is known. */
export const Problem = ({ error, retry }: { error: Error; retry?: (() => void) | undefined }): ReactElement => (
  <MessageBar intent="error" layout="multiline">
    <MessageBarBody>
      <MessageBarTitle>{texts.problem.title}</MessageBarTitle> {saidOf(error)}
    </MessageBarBody>
    {retry && (
      <MessageBarActions>
        <Button onClick={retry}>{texts.common.retryNow}</Button>
      </MessageBarActions>
    )}
  </MessageBar>
);
