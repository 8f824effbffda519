import type { SystemView } from '@provident/contracts/http';

export type Attribute = SystemView['objectTypes'][number]['attributes'][number];

export interface KnownAttributes {
  readonly attributes: readonly Attribute[];
  /** Whether there are no others. */
  readonly complete: boolean;
}

/** What a system tells of the attributes of a type of object; nothing is known before it has answered. */
export function attributesOf(system: SystemView | undefined, objectType: string): KnownAttributes {
  const found = system?.objectTypes.find(({ name }) => name === objectType);
  return found ?? { attributes: [], complete: false };
}

/** The attribute that a mapping writes: of `emails[type eq "work"].value` systems tell as `emails.value`. */
export function findAttribute({ attributes }: KnownAttributes, path: string): Attribute | undefined {
  const whole = path.replaceAll(/\[[^\]]*\]/g, '');
  return attributes.find(({ name }) => name === path) ?? attributes.find(({ name }) => name === whole);
}
