import { BaseConfig, vaultSettings } from '@provident/service-kit';
import type { z } from 'zod';

export const EscrowRetrierConfig = BaseConfig.extend(vaultSettings);
export type EscrowRetrierConfig = z.infer<typeof EscrowRetrierConfig>;
