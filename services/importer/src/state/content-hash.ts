import { createHash } from 'node:crypto';

import type { AttributeBag } from '@provident/domain';

/** Tells whether an object's attributes are those of last time: the same for the same content, whatever the order of the names. */
export function contentHash(attributes: AttributeBag): string {
  const names = Object.keys(attributes).sort();
  return createHash('sha1')
    .update(JSON.stringify(names.map((name) => [name, attributes[name]])))
    .digest('base64');
}
