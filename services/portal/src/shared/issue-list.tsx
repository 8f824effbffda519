import { makeStyles, MessageBar, MessageBarBody, MessageBarTitle, tokens } from '@fluentui/react-components';
import type { Issue } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { firstRunTexts } from '../texts/en/first-run.js';

const useStyles = makeStyles({ list: { margin: 0, paddingLeft: tokens.spacingHorizontalL, overflowWrap: 'anywhere' } });

/** Where the place stands in a job file: `objects[0].attributes[2].source`. */
const placeOf = (path: Issue['path']): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${part}`)).join('');

/** Problems of a job, each with its place and the nearest valid name. */
export function IssueList({ issues }: { issues: readonly Issue[] }): ReactElement {
  const styles = useStyles();
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{firstRunTexts.problems(issues.length)}</MessageBarTitle>
        <ul className={styles.list}>
          {issues.map(({ path, message, nearest }) => (
            <li key={placeOf(path) + message}>
              {path.length > 0 && <code>{placeOf(path)}</code>} {message}{' '}
              {nearest !== undefined && !message.includes(`"${nearest}"`) && firstRunTexts.nearest(nearest)}
            </li>
          ))}
        </ul>
      </MessageBarBody>
    </MessageBar>
  );
}

/** What could not be checked, because a system did not answer. */
export const NoteList = ({ notes }: { notes: readonly string[] }): ReactElement => (
  <>
    {notes.map((note) => (
      <MessageBar key={note} intent="info" layout="multiline">
        <MessageBarBody>{note}</MessageBarBody>
      </MessageBar>
    ))}
  </>
);
