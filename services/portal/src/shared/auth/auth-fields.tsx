import { Button, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { secretsQuery } from '../../api/secrets.js';
import { authTexts as said } from '../../texts/en/auth.js';
import { secretsTexts } from '../../texts/en/secrets.js';
import { SecretDialog } from '../secrets/secret-dialog.js';
import { useMay } from '../use-may.js';
import { type AuthForm, type AuthWay, authWays, type SecretPlace, secretPlaces } from './auth-form.js';

const useStyles = makeStyles({
  fields: {
    display: 'grid',
    alignItems: 'start',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 280px), 1fr))',
    gap: tokens.spacingHorizontalM,
  },
  narrow: { minWidth: 0 },
  set: { marginTop: tokens.spacingVerticalXS },
});

interface AuthFieldsProps {
  readonly form: AuthForm;
  readonly change: (part: Partial<AuthForm>) => void;
  /** Fields that are missing, once somebody wanted to go on. */
  readonly missing?: readonly (keyof AuthForm)[];
  /** Whether the value of a secret of the vault can be set right here. */
  readonly setsSecret?: boolean;
}

type TextName = 'username' | 'tokenUrl' | 'clientId' | 'scope' | 'audience' | 'name';

/** How a target is signed in to, and where the secret for it lies; the value of a secret of the vault is set from here, and never read. */
export function AuthFields({ form, change, missing = [], setsSecret = false }: AuthFieldsProps): ReactElement {
  const styles = useStyles();
  const { way, place } = form;
  const text = (name: TextName, label: string, { hint = '', required = true } = {}): ReactElement => (
    <Field
      label={label}
      hint={hint}
      required={required}
      className={styles.narrow}
      {...(missing.includes(name) && { validationMessage: said.missing })}
    >
      <Input value={form[name]} onChange={(_, { value }) => change({ [name]: value })} spellCheck={false} autoComplete="off" />
    </Field>
  );
  return (
    <div className={styles.fields}>
      <Field label={said.way} className={styles.narrow}>
        <Select
          className={styles.narrow}
          select={{ className: styles.narrow }}
          value={way}
          onChange={(_, { value }) => change({ way: value as AuthWay })}
        >
          {authWays.map((each) => (
            <option key={each} value={each}>
              {said.ways[each]}
            </option>
          ))}
        </Select>
      </Field>
      {way === 'oauth2' && (
        <>
          {text('tokenUrl', said.tokenUrl, { hint: said.tokenUrlHint })}
          {text('clientId', said.clientId)}
        </>
      )}
      {way === 'basic' && text('username', said.username)}
      {way !== 'none' && (
        <>
          <Field label={said.place[way]} className={styles.narrow}>
            <Select
              className={styles.narrow}
              select={{ className: styles.narrow }}
              value={place}
              onChange={(_, { value }) => change({ place: value as SecretPlace })}
            >
              {secretPlaces.map((each) => (
                <option key={each} value={each}>
                  {said.places[each]}
                </option>
              ))}
            </Select>
          </Field>
          <div>
            {text('name', said.named[place](said.what[way]), { hint: said.nameHints[place] })}
            {place === 'secret' && setsSecret && <SetSecret name={form.name.trim()} />}
          </div>
        </>
      )}
      {way === 'oauth2' && (
        <>
          {text('scope', said.scope, { hint: said.scopeHint, required: false })}
          {text('audience', said.audience, { hint: said.audienceHint, required: false })}
          <Field label={said.sendSecret} className={styles.narrow}>
            <Select
              className={styles.narrow}
              select={{ className: styles.narrow }}
              value={form.sendSecret}
              onChange={(_, { value }) => change({ sendSecret: value as AuthForm['sendSecret'] })}
            >
              {Object.entries(said.sendSecrets).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </Select>
          </Field>
        </>
      )}
    </div>
  );
}

/** For whoever may: everybody else is told where the name is refused by the check. */
function SetSecret({ name }: { name: string }): ReactElement | null {
  const styles = useStyles();
  const maySecure = useMay('secure');
  const { data } = useQuery({ ...secretsQuery, enabled: maySecure });
  if (!maySecure || name === '') return null;
  const isThere = data?.some((secret) => secret.name === name && secret.setAt !== null) ?? false;
  return (
    <SecretDialog name={name} isThere={isThere}>
      <Button size="small" className={styles.set}>
        {isThere ? secretsTexts.replaceOf(name) : secretsTexts.setOf(name)}
      </Button>
    </SecretDialog>
  );
}
