import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { Component, type ReactNode } from 'react';

import { texts } from '../texts/en.js';

interface State {
  readonly error: Error | null;
}

/** A mistake of a page's own stays on that page, and is shown. */
export class Crash extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{texts.problem.crash}</MessageBarTitle> {texts.problem.crashHint} <code>{error.message}</code>
        </MessageBarBody>
        <MessageBarActions>
          <Button onClick={() => window.location.reload()}>{texts.problem.reload}</Button>
        </MessageBarActions>
      </MessageBar>
    );
  }
}
