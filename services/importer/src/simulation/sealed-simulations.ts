import type { SimulationStore } from '@provident/bus';
import { type SimulatedOutcome, type SimulatedRow, sealEventData } from '@provident/contracts';
import { type JobDefinition, type Sealing, partsOf, sealingOf } from '@provident/domain';
import { type Keys, sealWith } from '@provident/service-kit';
import { personOf } from '@provident/vault';

type Key = Parameters<typeof partsOf>[0];
const typeOf = (objectKey: string): string => partsOf(objectKey as Key).objectType;

/**
 * The same store; what it keeps of people is sealed as the log's events about them are, so that it goes with their keys.
 * @param definitions rules that the rows were made under, and those that apply: what either of them seals is sealed
 */
export function sealedSimulations(
  store: SimulationStore,
  keys: Pick<Keys, 'forSealing'>,
  jobId: string,
  definitions: readonly JobDefinition[],
): SimulationStore {
  const sealings = new Map<string, Sealing | null>();
  const sealingFor = (objectKey: string): Sealing | null => {
    const type = typeOf(objectKey);
    if (!sealings.has(type)) sealings.set(type, bothOf(definitions.map((definition) => sealingOf(definition, type))));
    return sealings.get(type)!;
  };
  return {
    open: (opened, progress) => store.open(opened, progress),
    tell: (simulationId, progress) => store.tell(simulationId, progress),
    find: (simulationId) => store.find(simulationId),
    listRows: (simulationId, asked) => store.listRows(simulationId, asked),
    async addRows(simulationId, rows) {
      const about = [...new Set(rows.flatMap(peopleIn))].filter((objectKey) => sealingFor(objectKey) !== null);
      if (about.length === 0) return store.addRows(simulationId, rows);
      const found = await keys.forSealing(about.map((objectKey) => ({ jobId, objectKey })));
      const sealed = <Data>(objectKey: string, data: Data): Data => {
        const key = found.get(personOf({ jobId, objectKey }));
        return key ? sealEventData(data, sealingFor(objectKey)!, sealWith(key)) : data;
      };
      const member = (each: Member): Member => sealed(each.key, each);
      const outcome = <Outcome extends SimulatedOutcome>(objectKey: string, each: Outcome): Outcome => ({
        ...sealed(objectKey, each),
        members: each.members && { add: each.members.add.map(member), remove: each.members.remove.map(member) },
      });
      await store.addRows(
        simulationId,
        rows.map((row) => ({ ...outcome(row.objectKey, row), before: row.before && outcome(row.objectKey, row.before) })),
      );
    },
  };
}

type Member = NonNullable<SimulatedOutcome['members']>['add'][number];

const peopleIn = (row: SimulatedRow): string[] => [
  row.objectKey,
  ...[row.members, row.before?.members].flatMap((members) => [...(members?.add ?? []), ...(members?.remove ?? [])].map(({ key }) => key)),
];

function bothOf(sealings: readonly (Sealing | null)[]): Sealing | null {
  const given = sealings.filter((each) => each !== null);
  const [first] = given;
  if (!first) return null;
  return {
    ...first,
    all: given.some(({ all }) => all),
    source: new Set(given.flatMap(({ source }) => [...source])),
    target: new Set(given.flatMap(({ target }) => [...target])),
  };
}
