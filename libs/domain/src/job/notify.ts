import { z } from 'zod';

import { SecretRef } from './secret-ref.js';

/** Who is told of a job's health. */
export const Notify = z
  .strictObject({
    email: z
      .array(z.email().describe('Address of a person or a list.'))
      .min(1)
      .max(20)
      .optional()
      .describe("Where mails go; the mail server belongs to the service's own settings."),
    webhook: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/, error: 'an address that begins with https:// or http://' })
          .describe('Where notices are posted as JSON.'),
        secret: SecretRef.describe('What notices are signed with: a reference, as for all credentials.'),
      })
      .optional()
      .describe('An address that takes signed notices.'),
  })
  .refine(({ email, webhook }) => email !== undefined || webhook !== undefined, 'give "email", "webhook" or both')
  .describe('Who is told when the job enters quarantine, when the reason changes, when it leaves, and when it is disabled.');
export type Notify = z.infer<typeof Notify>;
