import type { TargetConnector } from '@provident/connectors';

import { type SabotageKind, once } from './sabotage.js';

const kind = (make: () => (connector: TargetConnector) => TargetConnector): SabotageKind => ({ make: () => ({ target: make() }) });

/** Wrong writes of any story. */
export const wrongWrites: Readonly<Record<string, SabotageKind>> = {
  'an update is answered and not done': kind(() => {
    const isNow = once();
    return (connector) => ({ ...connector, update: async (...change) => (isNow() ? undefined : connector.update(...change)) });
  }),
  'an account is made twice': kind(() => {
    const isNow = once();
    return (connector) => ({
      ...connector,
      create: async (...object) => {
        const made = await connector.create(...object);
        if (isNow()) await connector.create(...object).catch(() => undefined); // a target with unique names refuses it
        return made;
      },
    });
  }),
  'an account is not disabled': kind(() => {
    const isNow = once();
    return (connector) => ({
      ...connector,
      setActive: async (type, id, isActive, signal) => (!isActive && isNow() ? undefined : connector.setActive(type, id, isActive, signal)),
    });
  }),
  'an account is not removed': kind(() => {
    const isNow = once();
    return (connector) => ({ ...connector, remove: async (...what) => (isNow() ? undefined : connector.remove(...what)) });
  }),
  'somebody is removed who should stay': kind(() => {
    const isNow = once();
    let newest: string | null = null;
    return (connector) => ({
      ...connector,
      create: async (type, ...more) => {
        const made = await connector.create(type, ...more);
        if (type === 'User') newest = made.id;
        return made;
      },
      update: async (type, ...more) => {
        await connector.update(type, ...more);
        if (newest !== null && isNow()) await connector.remove('User', newest, more[2]);
      },
    });
  }),
  'an older value is written once more': kind(() => {
    const isNow = once();
    const first = new Map<string, Parameters<TargetConnector['update']>>();
    return (connector) => ({
      ...connector,
      update: async (...change) => {
        await connector.update(...change);
        const [, id] = change;
        const earlier = first.get(id);
        if (!earlier) first.set(id, change);
        else if (isNow()) await connector.update(...earlier);
      },
    });
  }),
  'a member is not put in': kind(() => {
    const isNow = once();
    return (connector) => ({
      ...connector,
      changeMembers: async (type, id, { add, remove }, signal) =>
        connector.changeMembers(type, id, { add: add.length > 0 && isNow() ? add.slice(1) : add, remove }, signal),
    });
  }),
  'a member is not taken out': kind(() => {
    const isNow = once();
    return (connector) => ({
      ...connector,
      changeMembers: async (type, id, { add, remove }, signal) =>
        connector.changeMembers(type, id, { add, remove: remove.length > 0 && isNow() ? remove.slice(1) : remove }, signal),
    });
  }),
};
