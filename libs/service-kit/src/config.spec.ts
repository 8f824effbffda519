import { expect, test } from '@jest/globals';
import { z } from 'zod';

import { BaseConfig, ConfigUnusable, readConfig } from './config.js';

const complete = { NATS_URL: 'nats://127.0.0.1:4222', DATABASE_URL: 'postgres://u:p@127.0.0.1/db' };

test('a complete environment is read, with defaults for the rest', () => {
  const config = readConfig(BaseConfig, { ...complete, HOME: '/root' });
  expect(config).toEqual({
    ...complete,
    PROVIDENT_INSTANCE: expect.any(String),
    PROVIDENT_STREAM: 'PROVISIONING',
    METRICS_HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
  });
});

test('an instance without a name gets one of its own', () => {
  const names = [1, 2].map(() => readConfig(BaseConfig, complete).PROVIDENT_INSTANCE);
  expect(names[0]).not.toBe(names[1]);
});

test('all problems are told together, each by its name', () => {
  const schema = BaseConfig.extend({ TARGET_TIMEOUT_MS: z.coerce.number().positive() });
  const environment = { NATS_URL: 'not an address', PROVIDENT_INSTANCE: 'a b', LOG_LEVEL: 'loud', TARGET_TIMEOUT_MS: '-1' };
  const read = () => readConfig(schema, environment);
  expect(read).toThrow(ConfigUnusable);
  for (const name of ['NATS_URL', 'DATABASE_URL', 'PROVIDENT_INSTANCE', 'LOG_LEVEL', 'TARGET_TIMEOUT_MS'])
    expect(read).toThrow(new RegExp(`${name}: `));
});

test('a value never shows in the message', () => {
  expect(() => readConfig(BaseConfig, { ...complete, DATABASE_URL: 'secret-but-no-address' })).not.toThrow(/secret-but/);
  expect(() => readConfig(BaseConfig, { ...complete, DATABASE_URL: 'secret-but-no-address' })).toThrow(/DATABASE_URL/);
});
