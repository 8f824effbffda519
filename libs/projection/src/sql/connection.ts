import type { ClientBase } from 'pg';

/** The one connection of the transaction in which rows and position are written. */
export type Connection = Pick<ClientBase, 'query'>;
