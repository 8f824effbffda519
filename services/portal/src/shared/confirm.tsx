import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
} from '@fluentui/react-components';
import type { ReactElement } from 'react';

import { texts } from '../texts/en.js';

interface ConfirmProps {
  /** The button that asks. */
  readonly children: ReactElement;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onConfirm: () => void;
}

/** Says what an order will do before it is given. */
export const Confirm = ({ children, title, text, action, onConfirm }: ConfirmProps): ReactElement => (
  <Dialog modalType="alert">
    <DialogTrigger disableButtonEnhancement>{children}</DialogTrigger>
    <DialogSurface>
      <DialogBody>
        <DialogTitle>{title}</DialogTitle>
        <DialogContent>{text}</DialogContent>
        <DialogActions>
          <DialogTrigger disableButtonEnhancement>
            <Button>{texts.common.cancel}</Button>
          </DialogTrigger>
          <DialogTrigger disableButtonEnhancement>
            <Button appearance="primary" onClick={onConfirm}>
              {action}
            </Button>
          </DialogTrigger>
        </DialogActions>
      </DialogBody>
    </DialogSurface>
  </Dialog>
);
