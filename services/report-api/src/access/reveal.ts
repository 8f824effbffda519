import { revealHeader } from '@provident/contracts';
import { hasFor } from '@provident/domain';
import type { FastifyRequest } from 'fastify';

import type { Caller } from './caller.js';

/** Whether sensitive values are asked for in the clear. */
export const asksToReveal = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean => headers[revealHeader.name] === revealHeader.value;

export const mayReveal = ({ grants }: Pick<Caller, 'grants'>): boolean => hasFor(grants, 'secure', null);
