import { Column, Entity } from 'typeorm';

import { IdKey } from '../columns.js';

/** The last event that was projected, by its place, instant and id: apart from the position, because it is no part of what the log says. */
@Entity('landmark')
export class LandmarkRow {
  @IdKey('projection') projection!: string;
  @Column('text') event!: string;
}
