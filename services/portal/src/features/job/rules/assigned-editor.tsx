import { Checkbox, Field, makeStyles, Text, Textarea, tokens } from '@fluentui/react-components';
import { type ReactElement, useState } from 'react';

import type { Assigned } from '../../../shared/revisions.js';
import { rulesTexts as said } from '../../../texts/en/rules.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, minWidth: 0, maxWidth: '560px' },
});

/** Changes the rules of one kind of object, at a place in them. */
interface Edit {
  readonly set: (place: readonly (string | number)[], value: unknown) => void;
  readonly remove: (place: readonly (string | number)[]) => void;
}

interface AssignedEditorProps {
  readonly assigned: Assigned | undefined;
  readonly verdict: { readonly actual: string; readonly holds: boolean } | undefined;
  readonly edit: Edit;
}

/** Whether the job is for assigned people or groups only, and who these are. */
export function AssignedEditor({ assigned, verdict, edit }: AssignedEditorProps): ReactElement {
  const styles = useStyles();
  return (
    <div className={styles.part}>
      <Checkbox
        label={said.assignedOn}
        checked={assigned !== undefined}
        onChange={(_, { checked }) => (checked ? edit.set(['assigned'], { groups: [] }) : edit.remove(['assigned']))}
      />
      {assigned && (
        <>
          <Lines label={said.assignedGroups} hint={said.assignedGroupsHint} name="groups" lines={assigned.groups} edit={edit} />
          <Checkbox
            label={said.assignedNested}
            checked={assigned.nested === true}
            onChange={(_, { checked }) => edit.set(['assigned', 'nested'], checked === true)}
          />
          <Lines label={said.assignedIds} hint={said.assignedIdsHint} name="ids" lines={assigned.ids} edit={edit} />
          {verdict && <Text size={200}>{verdict.holds ? said.holds(verdict.actual) : said.holdsNot(verdict.actual)}</Text>}
        </>
      )}
    </div>
  );
}

interface LinesProps {
  readonly label: string;
  readonly hint: string;
  readonly name: 'groups' | 'ids';
  readonly lines: readonly string[] | undefined;
  readonly edit: Edit;
}

const linesOf = (text: string): string[] => text.split('\n').flatMap((line) => line.trim() || []);

/** One entry on each line; an empty field is no entry at all. */
function Lines({ label, hint, name, lines = [], edit }: LinesProps): ReactElement {
  const [typed, type] = useState(lines.join('\n'));
  // The text beside may have been changed meanwhile.
  const shown = linesOf(typed).join('\n') === lines.join('\n') ? typed : lines.join('\n');
  return (
    <Field label={label} hint={hint}>
      <Textarea
        value={shown}
        resize="vertical"
        onChange={(_, { value }) => {
          type(value);
          const entries = linesOf(value);
          if (entries.length > 0) edit.set(['assigned', name], entries);
          else edit.remove(['assigned', name]);
        }}
      />
    </Field>
  );
}
