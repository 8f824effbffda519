import type { ColumnOptions } from 'typeorm';
import { Column, PrimaryColumn } from 'typeorm';

/** An identifier: compared byte by byte, so that order and equality do not depend on the machine's locale. */
export const IdColumn = (name: string, options: ColumnOptions = {}): PropertyDecorator =>
  Column({ type: 'text', name, collation: 'C', ...options });
export const IdKey = (name: string): PropertyDecorator => PrimaryColumn('text', { name, collation: 'C' });
/** A place in the log. Fits a double exactly for longer than any log will live. */
export const SequenceColumn = (name: string, options: ColumnOptions = {}): PropertyDecorator =>
  Column({ type: 'bigint', name, ...options });
/** Milliseconds are what the wire carries. */
export const InstantColumn = (name: string, options: ColumnOptions = {}): PropertyDecorator =>
  Column({ type: 'timestamp with time zone', name, precision: 3, ...options });
export const CountColumn = (name: string): PropertyDecorator => Column('integer', { name, default: 0 });
