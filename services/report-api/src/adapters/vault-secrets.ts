import { type Initiator, SecretDeleted, SecretSet, VaultRotated } from '@provident/contracts';
import type { Rotation, SecretFacts, Vault, VaultFacts } from '@provident/vault';

import type { AccessLog } from '../access/access-log.js';
import { Secrets } from '../ports.js';

/** The vault, with every change on record: what cannot be recorded is not done. */
export class VaultSecrets extends Secrets {
  constructor(
    private readonly vault: Vault,
    private readonly log: Pick<AccessLog, 'record'>,
    private readonly now: () => Date,
  ) {
    super();
  }

  list(): Promise<SecretFacts[]> {
    return this.vault.listSecrets();
  }

  set(name: string, value: string, by: Initiator): Promise<void> {
    const tell = (replaced: boolean): Promise<void> => this.log.record(SecretSet, { name, replaced, by });
    return this.vault.setSecret(name, value, { at: this.now(), by: by.name }, tell);
  }

  delete(name: string, by: Initiator): Promise<boolean> {
    return this.vault.deleteSecret(name, () => this.log.record(SecretDeleted, { name, by }));
  }

  facts(): Promise<VaultFacts> {
    return this.vault.facts();
  }

  async rotate(by: Initiator): Promise<Rotation> {
    const rotation = await this.vault.rotate();
    await this.log.record(VaultRotated, { ...rotation, by });
    return rotation;
  }

  dump(): AsyncIterable<string> {
    return this.vault.dump(this.now().toISOString());
  }

  close(): Promise<void> {
    return this.vault.close();
  }
}
