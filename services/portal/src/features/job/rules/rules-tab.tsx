import {
  Button,
  Field,
  makeStyles,
  mergeClasses,
  MessageBar,
  MessageBarBody,
  Switch,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { vocabularyQuery } from '../../../api/get-vocabulary.js';
import { differenceOf } from '../../../shared/difference.js';
import { useDraft } from '../../../shared/draft/use-draft.js';
import { parseJob } from '../../../shared/job-yaml.js';
import { goTo, useSearch } from '../../../shared/location.js';
import { pages } from '../../../shared/pages.js';
import { Definition, type Revision } from '../../../shared/revisions.js';
import { useMedia } from '../../../shared/use-is-narrow.js';
import { useStored } from '../../../shared/stored.js';
import { jobTexts } from '../../../texts/en/job.js';
import { rulesTexts as said } from '../../../texts/en/rules.js';
import { ObjectRulesEditor } from './object-rules-editor.js';
import { useSystems } from './use-rules.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, minWidth: 0 },
  beside: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 3fr) minmax(320px, 2fr)',
    gap: tokens.spacingHorizontalXL,
    alignItems: 'start',
    '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  yaml: { position: 'sticky', top: tokens.spacingVerticalM, '@media (max-width: 1100px)': { position: 'static' } },
  text: { width: '100%', fontFamily: tokens.fontFamilyMonospace },
  area: { fontFamily: tokens.fontFamilyMonospace, minHeight: 'min(70vh, 640px)', maxHeight: '75vh', whiteSpace: 'pre', overflowX: 'auto' },
  foot: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
});

/** The text stands beside the tables, and leaves them no room for columns. */
const tightly = '(min-width: 1101px) and (max-width: 1500px)';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';

/** The rules of a job, changed in tables or as text, which are two sights of one draft. */
export function RulesTab({ jobId, latest }: { jobId: string; latest: Revision }): ReactElement {
  const styles = useStyles();
  const { text, isChanged, begunFrom, edit, discard } = useDraft(jobId, latest);
  const [showsYaml, setShowsYaml] = useStored('rules-yaml', false, isFlag);
  const isTight = useMedia(tightly);
  const parsed = parseJob(text);
  const mistakes = 'mistakes' in parsed ? parsed.mistakes : [];
  const read = 'definition' in parsed ? Definition.safeParse(parsed.definition) : null;
  const differences = read?.success ? differenceOf(latest.definition, read.data).length : null;
  return (
    <>
      <Text>{said.lead}</Text>
      {begunFrom !== null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{said.begunFrom(begunFrom, latest.revision)}</MessageBarBody>
        </MessageBar>
      )}
      <div className={styles.foot}>
        <Text role="status">{!isChanged ? said.unchanged : differences === null ? '' : said.differs(differences)}</Text>
        {isChanged && (
          <>
            <Button appearance="primary" disabledFocusable={differences === null} onClick={() => goTo(pages.plan(jobId))}>
              {said.simulate}
            </Button>
            <Button onClick={discard}>{jobTexts.undo}</Button>
          </>
        )}
        <Switch label={said.yaml} checked={showsYaml} onChange={(_, { checked }) => setShowsYaml(checked)} />
      </div>
      <div className={showsYaml ? styles.beside : styles.part}>
        <div className={styles.part}>
          {read?.success ? (
            <Tables jobId={jobId} definition={read.data} baseDir={latest.baseDir} text={text} edit={edit} isTight={showsYaml && isTight} />
          ) : (
            <MessageBar intent="error" layout="multiline">
              <MessageBarBody>{mistakes.length > 0 ? said.broken : said.unreadable}</MessageBarBody>
            </MessageBar>
          )}
        </div>
        {showsYaml && (
          <div className={mergeClasses(styles.yaml)}>
            <Field
              label={said.yamlLabel}
              {...(mistakes.length > 0
                ? { validationMessage: mistakes.map(({ line, column, message }) => jobTexts.syntax(line, column, message)).join(' ') }
                : { hint: said.yamlHint })}
            >
              <Textarea
                className={styles.text}
                textarea={{ className: styles.area, spellCheck: false }}
                value={text}
                onChange={(_, { value }) => edit(value)}
                resize="vertical"
              />
            </Field>
          </div>
        )}
      </div>
    </>
  );
}

interface TablesProps {
  readonly jobId: string;
  readonly definition: Definition;
  readonly baseDir: string;
  readonly text: string;
  readonly edit: (text: string) => void;
  readonly isTight: boolean;
}

function Tables({ jobId, definition, baseDir, text, edit, isTight }: TablesProps): ReactElement {
  const systems = useSystems(definition, baseDir);
  const { data: vocabulary } = useQuery(vocabularyQuery);
  const [search, change] = useSearch();
  return (
    <>
      {(['source', 'target'] as const).map((side) => {
        const problem = systems?.[side].problem;
        return (
          problem && (
            <MessageBar key={side} intent="warning" layout="multiline">
              <MessageBarBody>{said.systemProblem(side, problem)}</MessageBarBody>
            </MessageBar>
          )
        );
      })}
      {definition.objects.map((rules, index) => (
        <ObjectRulesEditor
          key={rules.type}
          jobId={jobId}
          definition={definition}
          index={index}
          baseDir={baseDir}
          systems={systems}
          vocabulary={vocabulary}
          text={text}
          edit={edit}
          isTight={isTight}
          triedId={search[`try-${rules.type}`]}
          tryOn={(id) => change({ [`try-${rules.type}`]: id })}
        />
      ))}
    </>
  );
}
