import { ConnectorError } from '@provident/connectors';
import type { ObjectType } from '@provident/domain';

/** Why nobody is taken for gone although the source was read to its end. */
export const someRecordIsNobodys =
  'a record could not be read, so that nobody can say whose it is: who is missing is not taken for gone in this cycle';

/** What a complete read without a single object of a kind means. @param present those that were there before @throws ConnectorError when there were some */
export function refuseEmptySource(type: ObjectType, present: number): void {
  if (present === 0) return;
  throw new ConnectorError({
    kind: 'misconfigured',
    code: 'source-empty',
    message: `the source holds no ${type === 'user' ? 'object' : type} at all, but held some before: nothing is removed for that`,
  });
}

/** A read that ended without saying where the next one starts was not complete, whatever it looks like. @throws ConnectorError */
export function refuseUnfinishedRead<Watermark>(watermark: Watermark | null): asserts watermark is Watermark {
  if (watermark !== null) return;
  throw new ConnectorError({
    kind: 'protocol',
    code: 'read-without-end',
    message: 'the source ended its answer without saying where the next read starts',
  });
}
