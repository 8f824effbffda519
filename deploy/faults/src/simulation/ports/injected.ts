/** A failure that the simulation made: whoever meets it may complain of it. */
export class Injected extends Error {
  override readonly name = 'Injected';
}
