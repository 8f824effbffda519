import { Entity } from 'typeorm';

import { CountColumn, IdKey } from '../columns.js';

/** Objects of one type in one job, counted by transition: reading never counts rows. */
@Entity('object_counter')
export class ObjectCounterRow {
  @IdKey('job_id') jobId!: string;
  @IdKey('object_type') objectType!: string;
  @CountColumn('in_scope') inScope!: number;
  @CountColumn('linked') linked!: number;
  @CountColumn('escrows') escrows!: number;
}
