import { CommandAnswer, secretPaths, SecretsView, VaultView } from '@provident/contracts/http';
import { queryOptions } from '@tanstack/react-query';

import { at, deleteJson, getJson, postJson, putJson } from './request.js';

/** Every secret that there is or that a job refers to, without the values. */
export const secretsQuery = queryOptions({
  queryKey: ['secrets'],
  queryFn: async ({ signal }) => (await getJson(SecretsView, secretPaths.secrets, {}, signal)).secrets,
});

export const vaultQuery = queryOptions({
  queryKey: ['vault'],
  queryFn: ({ signal }) => getJson(VaultView, secretPaths.vault, {}, signal),
});

/** Sets a secret, or sets it anew; nobody can read it back. */
export const setSecret = (name: string, value: string): Promise<CommandAnswer> =>
  putJson(CommandAnswer, at(secretPaths.secret, { name }), { value });

export const deleteSecret = (name: string): Promise<CommandAnswer> => deleteJson(CommandAnswer, at(secretPaths.secret, { name }));

/** Brings everything in the vault under the master key that is configured now. */
export const rotateVault = (): Promise<CommandAnswer> => postJson(CommandAnswer, secretPaths.rotateVault, {});
