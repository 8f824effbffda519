import { Button, makeStyles, Subtitle1, tokens } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons/svg/add';
import { ChevronDownRegular } from '@fluentui/react-icons/svg/chevron-down';
import { ChevronUpRegular } from '@fluentui/react-icons/svg/chevron-up';
import { DeleteRegular } from '@fluentui/react-icons/svg/delete';
import { EditRegular } from '@fluentui/react-icons/svg/edit';
import { type ReactElement, useState } from 'react';

import { DataTable } from '../../../shared/data-table.js';
import { formatValue } from '../../../shared/format.js';
import type { Definition, Mapping, ObjectRules } from '../../../shared/revisions.js';
import { jobTexts } from '../../../texts/en/job.js';
import { rulesTexts } from '../../../texts/en/rules.js';
import { kindOf } from './mapping-form.js';
import { MappingDialog, type MappingDialogProps } from './mapping-dialog.js';
import { Previewed } from './previewed.js';
import type { Found } from './of-now.js';
import type { Edit } from './scope-editor.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, minWidth: 0 },
  heading: { margin: 0 },
  code: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
  buttons: { display: 'flex', flexWrap: 'nowrap' },
});

const said = rulesTexts.mapping;
const job = jobTexts;

interface MappingsEditorProps extends Pick<MappingDialogProps, 'source' | 'target' | 'vocabulary' | 'tried' | 'baseDir' | 'objectType'> {
  readonly rules: ObjectRules;
  /** What each mapping gives for whom the rules are tried on, as far as that is known. */
  readonly found: Found['mappings'] | undefined;
  readonly isAsking: boolean;
  readonly edit: Edit;
  /** Whether something else stands beside it. */
  readonly isTight: boolean;
  /** The job file with other mappings. */
  readonly definitionWith: (attributes: readonly Mapping[]) => Definition;
}

/** Which target attribute gets which value; each is opened, moved and taken away. */
export function MappingsEditor(props: MappingsEditorProps): ReactElement {
  const styles = useStyles();
  const { rules, found, isAsking, edit, isTight, definitionWith, ...known } = props;
  const { attributes } = rules;
  const [opened, setOpened] = useState<number | 'new' | null>(null);
  const index = opened === 'new' ? attributes.length : (opened ?? 0);
  const columns = [job.mapping.target, job.mapping.flow, job.mapping.from, job.mapping.matching, job.mapping.apply];
  return (
    <section className={styles.part}>
      <Subtitle1 as="h2" className={styles.heading}>
        {job.mappingTitle}
      </Subtitle1>
      <DataTable
        label={job.mappingTitle}
        isTight={isTight}
        columns={[...columns, ...(known.tried ? [said.preview(known.tried.name)] : []), '']}
        rows={attributes.map((mapping, at) => [
          `${mapping.target} ${at}`,
          <span key="target" className={styles.code}>
            {mapping.target}
          </span>,
          said.kind[kindOf(mapping)],
          <span key="from" className={styles.code}>
            {valueSaid(mapping)}
          </span>,
          mapping.matching ?? '',
          [
            said.applyWords[mapping.apply === 'on-create' ? 'on-create' : 'always'],
            ...(mapping.required ? [job.mapping.required.toLowerCase()] : []),
          ].join(', '),
          ...(known.tried ? [<Previewed key="preview" previewed={found?.[at]} isAsking={isAsking} error={null} />] : []),
          <span key="buttons" className={styles.buttons}>
            <Button
              appearance="subtle"
              size="small"
              icon={<EditRegular />}
              aria-label={said.editOf(mapping.target)}
              onClick={() => setOpened(at)}
            />
            <Button
              appearance="subtle"
              size="small"
              icon={<ChevronUpRegular />}
              aria-label={said.up(mapping.target)}
              disabledFocusable={at === 0}
              onClick={() => edit.move(['attributes'], at, at - 1)}
            />
            <Button
              appearance="subtle"
              size="small"
              icon={<ChevronDownRegular />}
              aria-label={said.down(mapping.target)}
              disabledFocusable={at === attributes.length - 1}
              onClick={() => edit.move(['attributes'], at, at + 1)}
            />
            <Button
              appearance="subtle"
              size="small"
              icon={<DeleteRegular />}
              aria-label={said.removeOf(mapping.target)}
              disabledFocusable={attributes.length === 1}
              onClick={() => edit.remove(['attributes', at])}
            />
          </span>,
        ])}
      />
      <div>
        <Button icon={<AddRegular />} onClick={() => setOpened('new')}>
          {said.add}
        </Button>
      </div>
      {opened !== null && (
        <MappingDialog
          {...known}
          mapping={attributes[index] ?? null}
          others={attributes.filter((_, at) => at !== index).map(({ target }) => target)}
          definitionWith={(mapping) => ({ definition: definitionWith(attributes.toSpliced(index, 1, mapping)), index })}
          take={(mapping) => (opened === 'new' ? edit.append(['attributes'], mapping) : edit.set(['attributes', index], mapping))}
          close={() => setOpened(null)}
        />
      )}
    </section>
  );
}

function valueSaid({ source, expression, constant, reference, default: fallback }: Mapping): string {
  const value = source ?? expression ?? reference ?? formatValue(constant);
  return [value, ...(fallback === undefined ? [] : [`${job.how.default}: ${formatValue(fallback)}`])]
    .filter((each) => each !== '')
    .join(' · ');
}
