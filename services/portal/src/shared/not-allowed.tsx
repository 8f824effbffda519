import { MessageBar, MessageBarBody } from '@fluentui/react-components';
import type { ReactElement } from 'react';

import { texts } from '../texts/en.js';
import type { Permission } from './use-may.js';

/** Says what a role does not allow, where it would have been. */
export const NotAllowed = ({ permission }: { permission: Permission }): ReactElement => (
  <MessageBar intent="info" layout="multiline">
    <MessageBarBody>{texts.access.needs[permission]}</MessageBarBody>
  </MessageBar>
);
