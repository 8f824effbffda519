import { Column, Entity } from 'typeorm';

import { IdKey } from '../columns.js';

/** One row per index that a running rebuild has dropped, and makes again at its end. */
@Entity('index_aside')
export class IndexAsideRow {
  @IdKey('name') name!: string;
  /** The statement that makes it, in the server's words. */
  @Column('text') definition!: string;
}
