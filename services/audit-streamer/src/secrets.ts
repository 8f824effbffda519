import { type SecretReader, SecretUnavailable } from '@provident/vault';

import { Undelivered } from './destinations/destination.js';

/** Secrets of the vault by their names, read at each use. What cannot be had keeps its stream waiting, in words that hold no value. */
export const secretsOf =
  (vault: SecretReader) =>
  async (name: string): Promise<string> => {
    try {
      return await vault.readSecret(name);
    } catch (error) {
      if (error instanceof SecretUnavailable) throw new Undelivered(error.message);
      throw error;
    }
  };
