import { Field, Input, makeStyles, Select, Subtitle1, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { type ReactElement, useState } from 'react';

import type { Revision } from '../../shared/revisions.js';
import { useMay } from '../../shared/use-may.js';
import { limitsTexts as said } from '../../texts/en/limits.js';
import { type LimitKind, limitKinds, type LimitPart, type LimitsForm, limitsFormOf, limitsOf, partsOfLimit } from './limits-form.js';
import { Revise } from './revise.js';

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 },
  heading: { margin: 0 },
  fields: {
    display: 'grid',
    alignItems: 'start',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 280px), 1fr))',
    gap: tokens.spacingHorizontalM,
  },
  limits: {
    display: 'grid',
    alignItems: 'start',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 320px), 1fr))',
    columnGap: tokens.spacingHorizontalXXL,
    rowGap: tokens.spacingVerticalL,
  },
  limit: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXS, minWidth: 0 },
  numbers: { display: 'grid', gridTemplateColumns: 'repeat(3, minmax(0, 1fr))', alignItems: 'end', gap: tokens.spacingHorizontalS },
  quiet: { color: tokens.colorNeutralForeground2 },
  narrow: { minWidth: 0 },
});

/** When cycles run by themselves, and how many removals they may do: shown, and changed as a new revision of the job. */
export function Limits({ jobId, latest }: { jobId: string; latest: Revision }): ReactElement {
  const styles = useStyles();
  const mayConfigure = useMay('configure', jobId);
  const { definition } = latest;
  const before = limitsFormOf(definition);
  const [form, setForm] = useState<LimitsForm>(before);
  const change = (part: Partial<LimitsForm>): void => setForm({ ...form, ...part });
  const text = (name: 'every' | 'cron' | 'zone'): ReactElement => (
    <Field label={said[name]} hint={said.hints[name]} className={styles.narrow}>
      <Input value={form[name]} disabled={!mayConfigure} onChange={(_, { value }) => change({ [name]: value })} />
    </Field>
  );
  return (
    <section className={styles.part} aria-label={said.title}>
      <Subtitle1 as="h2" className={styles.heading}>
        {said.title}
      </Subtitle1>
      <div className={styles.fields}>
        <Field label={said.when} className={styles.narrow}>
          <Select value={form.when} disabled={!mayConfigure} onChange={(_, { value }) => change({ when: value as LimitsForm['when'] })}>
            {Object.entries(said.whens).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </Select>
        </Field>
        {form.when === 'every' ? text('every') : text('cron')}
        {(form.when === 'cron' || before.zone !== '') && text('zone')}
      </div>
      <Text>{said.lead}</Text>
      <div className={styles.limits}>
        {limitKinds.map((kind) => (
          <LimitFields
            key={kind}
            kind={kind}
            limits={form.limits}
            isDisabled={!mayConfigure}
            change={(part, value) => change({ limits: { ...form.limits, [kind]: { ...form.limits[kind], [part]: value } } })}
          />
        ))}
      </div>
      <Revise
        jobId={jobId}
        latest={latest}
        before={limitsOf(before, definition)}
        parts={limitsOf(form, definition)}
        action={said.apply}
        look={said.look}
      />
    </section>
  );
}

interface LimitFieldsProps {
  readonly kind: LimitKind;
  readonly limits: LimitsForm['limits'];
  readonly isDisabled: boolean;
  readonly change: (part: LimitPart, value: string) => void;
}

/** One limit; where a number is left out, what holds instead stands in its field. */
function LimitFields({ kind, limits, isDisabled, change }: LimitFieldsProps): ReactElement {
  const styles = useStyles();
  const instead = (part: LimitPart): string =>
    kind === 'removals' || limits.removals[part].trim() === '' ? said.defaults[part] : limits.removals[part].trim();
  return (
    <div role="group" aria-label={said.kinds[kind]} className={styles.limit}>
      <Subtitle2 as="h3" className={styles.heading}>
        {said.kinds[kind]}
      </Subtitle2>
      <Text size={200} className={styles.quiet}>
        {said.kindHints[kind]}
      </Text>
      <div className={styles.numbers}>
        {partsOfLimit(kind).map((part) => (
          <Field key={part} label={said.parts[part]} className={styles.narrow}>
            <Input
              className={styles.narrow}
              input={{ className: styles.narrow }}
              inputMode="decimal"
              autoComplete="off"
              value={limits[kind][part]}
              placeholder={instead(part)}
              disabled={isDisabled}
              onChange={(_, { value }) => change(part, value)}
            />
          </Field>
        ))}
      </div>
    </div>
  );
}
