import {
  Button,
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Select,
  Subtitle1,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import type { RulesVocabularyView, SystemsView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { ApiProblem } from '../../../api/request.js';
import { attributesOf } from '../../../shared/attributes/known-attributes.js';
import { IssueList } from '../../../shared/issue-list.js';
import type { Definition, Mapping, ObjectRules } from '../../../shared/revisions.js';
import { saidOf } from '../../../shared/states.js';
import { texts } from '../../../texts/en.js';
import { jobTexts } from '../../../texts/en/job.js';
import { rulesTexts as said } from '../../../texts/en/rules.js';
import { MappingsEditor } from './mappings-editor.js';
import { PersonPicker } from './person-picker.js';
import { appendIn, moveIn, removeIn, setIn } from './rules-text.js';
import { type Edit, ScopeEditor } from './scope-editor.js';
import { ofNow } from './of-now.js';
import { type Preview, usePreview } from './use-rules.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, minWidth: 0 },
  small: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  heading: { margin: 0 },
  line: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  grid: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 240px), 1fr))', gap: tokens.spacingHorizontalM },
});

interface ObjectRulesEditorProps {
  readonly jobId: string;
  readonly definition: Definition;
  /** Which of its kinds of objects. */
  readonly index: number;
  readonly baseDir: string;
  readonly systems: SystemsView | undefined;
  readonly vocabulary: RulesVocabularyView | undefined;
  readonly text: string;
  readonly edit: (text: string) => void;
  /** Id in the source of whom the rules are tried on. */
  readonly triedId: string | undefined;
  readonly tryOn: (id: string | undefined) => void;
  /** Whether something else stands beside it. */
  readonly isTight: boolean;
}

/** The rules for one kind of object: who is in scope, what is written, what happens at the end; tried on somebody while they are changed. */
export function ObjectRulesEditor(props: ObjectRulesEditorProps): ReactElement {
  const styles = useStyles();
  const { jobId, definition, index, baseDir, systems, vocabulary, text, edit: write, triedId, tryOn, isTight } = props;
  const rules = definition.objects[index]!;
  const source = attributesOf(systems?.source, nameIn(rules, 'source', rules.type));
  const target = attributesOf(systems?.target, nameIn(rules, 'target', rules.type === 'group' ? 'Group' : 'User'));
  const preview = usePreview(definition, baseDir, rules.type, triedId);
  const triedRules = preview.tried?.objects[index];
  const found = preview.view && triedRules && ofNow(preview.view, triedRules, rules);
  const at = ['objects', index] as const;
  const edit: Edit = {
    set: (place, value) => write(setIn(text, [...at, ...place], value)),
    remove: (place) => write(removeIn(text, [...at, ...place])),
    append: (place, value) => write(appendIn(text, [...at, ...place], value)),
    move: (list, from, to) => write(moveIn(text, [...at, ...list], from, to)),
  };
  const definitionWith = (attributes: readonly Mapping[]) => ({
    ...definition,
    objects: definition.objects.with(index, { ...rules, attributes: [...attributes] }),
  });
  const tried = triedId === undefined ? undefined : { id: triedId, name: preview.view?.displayName ?? triedId };
  return (
    <section className={styles.part} aria-label={said.objects(rules.type)}>
      {definition.objects.length > 1 && (
        <Title3 as="h2" className={styles.heading}>
          {said.objects(rules.type)}
        </Title3>
      )}
      {triedId === undefined ? (
        <PersonPicker jobId={jobId} objectType={rules.type} choose={tryOn} />
      ) : (
        <Tried preview={preview} id={triedId} leave={() => tryOn(undefined)} />
      )}
      <ScopeEditor
        rules={rules}
        source={source}
        operators={vocabulary?.operators ?? []}
        clauses={found?.clauses}
        active={found?.active}
        edit={edit}
      />
      <MappingsEditor
        rules={rules}
        source={source}
        target={target}
        vocabulary={vocabulary}
        tried={tried}
        objectType={rules.type}
        baseDir={baseDir}
        found={found?.mappings}
        isAsking={preview.isAsking}
        edit={edit}
        isTight={isTight}
        definitionWith={definitionWith}
      />
      <section className={styles.small}>
        <Subtitle1 as="h2" className={styles.heading}>
          {jobTexts.removalsTitle(rules.type)}
        </Subtitle1>
        <div className={styles.grid}>
          {Object.entries(jobTexts.removal(rules.type)).map(([when, label]) => (
            <Field key={when} label={label}>
              <Select value={String(rules.removals?.[when] ?? '')} onChange={(_, { value }) => edit.set(['removals', when], value)}>
                {rules.removals?.[when] === undefined && <option value="">{texts.common.nothing}</option>}
                {Object.entries(jobTexts.removalDo(rules.type)).map(([action, words]) => (
                  <option key={action} value={action}>
                    {words}
                  </option>
                ))}
              </Select>
            </Field>
          ))}
        </div>
      </section>
    </section>
  );
}

/** The name of a kind of object in one of the systems. */
function nameIn(rules: ObjectRules, side: 'source' | 'target', usual: string): string {
  const name = (rules as Readonly<Record<string, unknown>>)[side];
  return typeof name === 'string' ? name : usual;
}

function Tried({ preview: { view, error, isAsking }, id, leave }: { preview: Preview; id: string; leave: () => void }): ReactElement {
  const styles = useStyles();
  const issues = error instanceof ApiProblem ? error.issues : (view?.issues ?? []);
  const name = view?.displayName ?? id;
  return (
    <div className={styles.small}>
      <div className={styles.line}>
        <Text role="status">
          {view?.found && said.tried(name)} {view?.found && verdictOf(view, name)}
          {view && !view.found && said.notFound(id)}
          {!view && !error && isAsking && said.trying}
        </Text>
        <Button size="small" onClick={leave}>
          {said.tryAnother}
        </Button>
      </div>
      {error && issues.length === 0 && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{said.cannotTry}</MessageBarTitle> {saidOf(error)}
          </MessageBarBody>
        </MessageBar>
      )}
      {issues.length > 0 && <IssueList issues={issues} />}
    </div>
  );
}

function verdictOf({ inScope, active }: NonNullable<Preview['view']>, name: string): string {
  return said.verdict(name, inScope ? said.inScope : said.outOfScope, ...(active ? [active.holds ? said.isActive : said.notActive] : []));
}
