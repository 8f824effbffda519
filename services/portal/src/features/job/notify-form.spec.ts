import { expect, test } from '@jest/globals';

import { formOf, notifyOf } from './notify-form.js';

test.each([
  undefined,
  { email: ['ada@example.com', 'team@example.com'] },
  { webhook: { url: 'https://chat.example.com/hook', secret: { env: 'HOOK_SECRET' } } },
  { email: ['ada@example.com'], webhook: { url: 'https://chat.example.com/hook', secret: { file: '/run/hook' } } },
])('%j is the same once it was shown and taken over', (notify) => {
  expect(notifyOf(formOf(notify))).toEqual(notify);
});

test('addresses are parted by whatever people part them with, and nobody is nobody', () => {
  const form = { ...formOf(undefined), email: ' ada@example.com;\n team@example.com, ' };
  expect(notifyOf(form)).toEqual({ email: ['ada@example.com', 'team@example.com'] });
  expect(notifyOf({ ...form, email: ' , ', name: 'left over' })).toBeUndefined();
});
