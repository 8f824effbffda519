import { z } from 'zod';

/** What people are told of a job's health. */
export const NoticeKind = z.enum(['quarantine-entered', 'quarantine-changed', 'quarantine-left', 'job-disabled']);
export type NoticeKind = z.infer<typeof NoticeKind>;
export const NoticeChannel = z.enum(['email', 'webhook']);
export type NoticeChannel = z.infer<typeof NoticeChannel>;
