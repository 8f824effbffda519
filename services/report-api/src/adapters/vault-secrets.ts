import { type Initiator, installationId as jobId, SecretDeleted, SecretSet, VaultRotated } from '@provident/contracts';
import type { Rotation, SecretFacts, Vault, VaultFacts } from '@provident/vault';

import { type AdministrationLog, Secrets } from '../ports.js';

/** The vault, with every change on record: what cannot be recorded is not done. */
export class VaultSecrets extends Secrets {
  constructor(
    private readonly vault: Vault,
    private readonly log: AdministrationLog,
    private readonly now: () => Date = () => new Date(),
  ) {
    super();
  }

  list(): Promise<SecretFacts[]> {
    return this.vault.listSecrets();
  }

  set(name: string, value: string, by: Initiator): Promise<void> {
    return this.vault.setSecret(name, value, { at: this.now(), by: by.name }, (replaced) =>
      this.log.tell(SecretSet, { jobId, name, replaced, by }),
    );
  }

  delete(name: string, by: Initiator): Promise<boolean> {
    return this.vault.deleteSecret(name, () => this.log.tell(SecretDeleted, { jobId, name, by }));
  }

  facts(): Promise<VaultFacts> {
    return this.vault.facts();
  }

  async rotate(by: Initiator): Promise<Rotation> {
    const rotation = await this.vault.rotate();
    await this.log.tell(VaultRotated, { jobId, ...rotation, by });
    return rotation;
  }
}
