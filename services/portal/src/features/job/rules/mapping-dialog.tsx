import {
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  MessageBar,
  MessageBarBody,
  tokens,
} from '@fluentui/react-components';
import type { RulesVocabularyView } from '@provident/contracts/http';
import { type ReactElement, useState } from 'react';

import { AttributeField } from '../../../shared/attributes/attribute-field.js';
import type { KnownAttributes } from '../../../shared/attributes/known-attributes.js';
import type { Definition, Mapping } from '../../../shared/revisions.js';
import { texts } from '../../../texts/en.js';
import { rulesTexts } from '../../../texts/en/rules.js';
import { ExpressionEditor } from './expression-editor.js';
import { ChoiceField, TextField } from './form-fields.js';
import { emptyForm, formOf, kinds, type MappingForm, mappingOf } from './mapping-form.js';
import { Previewed } from './previewed.js';
import { usePreview } from './use-rules.js';

const useStyles = makeStyles({
  surface: { maxWidth: 'min(760px, 96vw)' },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  fixed: { flexShrink: 0 },
  pair: {
    alignItems: 'start',
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 220px), 1fr))',
    gap: tokens.spacingHorizontalM,
  },
});

const said = rulesTexts.mapping;
const kindsInWords = Object.fromEntries(kinds.map((kind) => [kind, said.kind[kind]]));

export interface MappingDialogProps {
  /** Null: a new one. */
  readonly mapping: Mapping | null;
  /** Target attributes that other mappings write. */
  readonly others: readonly string[];
  readonly source: KnownAttributes;
  readonly target: KnownAttributes;
  readonly vocabulary: RulesVocabularyView | undefined;
  /** Somebody to show the value for. */
  readonly tried: { readonly id: string; readonly name: string } | undefined;
  readonly objectType: string;
  readonly baseDir: string;
  /** The whole job file with this mapping in its place. */
  readonly definitionWith: (mapping: Mapping) => { readonly definition: Definition; readonly index: number };
  readonly take: (mapping: Mapping) => void;
  readonly close: () => void;
}

/** One mapping: where its value comes from, when it is written, and what it gives for somebody while it is written. */
export function MappingDialog(props: MappingDialogProps): ReactElement {
  const styles = useStyles();
  const { mapping, others, source, target, vocabulary, tried, objectType, baseDir, definitionWith, take, close } = props;
  const [form, setForm] = useState<MappingForm>(mapping ? formOf(mapping) : emptyForm);
  const [isAsked, setAsked] = useState(false);
  const type = target.attributes.find(({ name }) => name === form.target.trim())?.type;
  const made = mappingOf(form, mapping, type);
  const { definition, index } = definitionWith(made);
  const problems = problemsOf(form, others);
  const { view, error, isAsking } = usePreview(definition, baseDir, objectType, problems.value ? undefined : tried?.id);
  const previewed = view?.mappings[index];
  const change = (part: Partial<MappingForm>): void => setForm({ ...form, ...part });
  const shown = isAsked ? problems : {};
  const done = (): void => {
    setAsked(true);
    if (Object.keys(problems).length > 0) return;
    take(made);
    close();
  };
  return (
    <Dialog open onOpenChange={(_, { open }) => (open ? undefined : close())}>
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{mapping ? said.titleOf(mapping.target) : said.titleNew}</DialogTitle>
          <DialogContent className={styles.form}>
            <AttributeField
              label={said.target}
              side="target"
              known={target}
              value={form.target}
              required
              problem={shown.target}
              onChange={(value) => change({ target: value })}
            />
            <ChoiceField label={said.kindLabel} choices={kindsInWords} value={form.kind} onChange={(kind) => change({ kind })} />
            {form.kind === 'source' && (
              <AttributeField
                label={said.source}
                side="source"
                known={source}
                value={form.source}
                required
                problem={shown.value}
                onChange={(value) => change({ source: value })}
              />
            )}
            {form.kind === 'expression' && (
              <ExpressionEditor
                value={form.expression}
                onChange={(value) => change({ expression: value })}
                functions={vocabulary?.functions ?? []}
                attributes={source.attributes}
                error={previewed?.error ?? (shown.value ? { at: 0, message: shown.value } : null)}
              />
            )}
            {form.kind === 'constant' && (
              <TextField
                label={said.constant}
                required
                problem={shown.value}
                value={form.constant}
                onChange={(constant) => change({ constant })}
              />
            )}
            {form.kind === 'reference' && (
              <div className={styles.pair}>
                <AttributeField
                  label={said.reference}
                  side="source"
                  known={source}
                  value={form.reference}
                  required
                  problem={shown.value}
                  onChange={(value) => change({ reference: value })}
                />
                <ChoiceField
                  label={said.referenceType}
                  choices={said.types}
                  value={form.referenceType}
                  onChange={(referenceType) => change({ referenceType })}
                />
              </div>
            )}
            <MessageBar intent="info" layout="multiline" className={styles.fixed}>
              <MessageBarBody>
                {tried ? (
                  <>
                    {said.preview(tried.name)}: <Previewed previewed={previewed} isAsking={isAsking} error={error} />
                  </>
                ) : (
                  said.tryFirst
                )}
              </MessageBarBody>
            </MessageBar>
            <div className={styles.pair}>
              <TextField
                label={said.default}
                hint={said.defaultHint}
                required={form.kind === 'none'}
                problem={form.kind === 'none' ? shown.value : undefined}
                value={form.default}
                onChange={(value) => change({ default: value })}
              />
              <TextField
                label={said.matching}
                hint={said.matchingHint}
                isNumber
                problem={shown.matching}
                value={form.matching}
                onChange={(matching) => change({ matching })}
              />
              <ChoiceField label={said.apply} choices={said.applyWords} value={form.apply} onChange={(apply) => change({ apply })} />
            </div>
            <div>
              <Checkbox
                label={said.required}
                checked={form.required}
                onChange={(_, { checked }) => change({ required: checked === true })}
              />
              <Checkbox
                label={said.caseExact}
                checked={form.caseExact}
                onChange={(_, { checked }) => change({ caseExact: checked === true })}
              />
            </div>
          </DialogContent>
          <DialogActions>
            <Button onClick={close}>{texts.common.cancel}</Button>
            <Button appearance="primary" onClick={done}>
              {said.take}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

interface Problems {
  readonly target?: string;
  readonly value?: string;
  readonly matching?: string;
}

/** What keeps a mapping from being taken over; whether its names and its expression are right the server says. */
function problemsOf(form: MappingForm, others: readonly string[]): Problems {
  const value = form.kind === 'none' ? form.default : form[form.kind];
  const target = form.target.trim();
  return {
    ...(target === '' ? { target: said.missing.target } : others.includes(target) ? { target: said.twice } : {}),
    ...(value.trim() === '' && form.kind !== 'constant' && { value: said.missing.value }),
    ...(form.matching.trim() !== '' && !/^[1-9]\d{0,3}$/.test(form.matching.trim()) && { matching: said.missing.matching }),
  };
}
