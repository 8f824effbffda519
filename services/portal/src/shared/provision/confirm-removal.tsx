import { Button, Checkbox, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, tokens } from '@fluentui/react-components';
import type { OnDemandResult } from '@provident/contracts/http';
import { type ReactElement, useState } from 'react';

import { provisionTexts } from '../../texts/en/provision.js';

const useStyles = makeStyles({
  bar: { flexShrink: 0 },
  body: { display: 'flex', flexDirection: 'column', alignItems: 'flex-start', gap: tokens.spacingVerticalS, paddingBlock: '4px' },
});

const said = provisionTexts;

interface ConfirmRemovalProps {
  /** That of an object whose removal is held. */
  readonly result: OnDemandResult;
  readonly target: string;
  readonly confirm: () => void;
}

/** An account is disabled or deleted at once only when somebody has said so of this very account. */
export function ConfirmRemoval({ result, target, confirm }: ConfirmRemovalProps): ReactElement {
  const styles = useStyles();
  const [isSure, setSure] = useState(false);
  const verb = result.action === 'delete' ? 'delete' : 'disable';
  const account = result.target.id ?? result.source.id;
  return (
    <MessageBar intent="warning" layout="multiline" className={styles.bar}>
      <MessageBarBody className={styles.body}>
        <MessageBarTitle>{said.held[verb]}</MessageBarTitle>
        <span>{said.heldHint}</span>
        <Checkbox checked={isSure} onChange={(_, { checked }) => setSure(checked === true)} label={said.sure[verb](account, target)} />
        <Button disabledFocusable={!isSure} onClick={confirm}>
          {said.remove[verb]}
        </Button>
      </MessageBarBody>
    </MessageBar>
  );
}
