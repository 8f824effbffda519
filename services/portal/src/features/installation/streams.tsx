import { Text } from '@fluentui/react-components';
import type { StreamView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { streamsQuery } from '../../api/list-streams.js';
import { DataTable } from '../../shared/data-table.js';
import { formatNumber } from '../../shared/format.js';
import { Loading, Problem } from '../../shared/states.js';
import { installationTexts as said } from '../../texts/en/installation.js';

/** Where events are sent, how far each destination is, and what holds it up. */
export function Streams(): ReactElement {
  const { data, error, refetch } = useQuery(streamsQuery);
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  if (data.length === 0) return <Text>{said.noStreams}</Text>;
  const { stream, to, format, state, behind, delivered, said: trouble } = said.streamColumn;
  return (
    <DataTable
      label={said.streams}
      columns={[stream, to, format, state, behind, delivered, trouble]}
      rows={data.map((each) => [
        each.streamId,
        each.streamId,
        placeOf(each),
        each.format.kind,
        said.streamStates[each.state],
        each.lagEvents === 0 ? said.nothingBehind : said.eventsBehind(each.lagEvents),
        formatNumber(each.delivered),
        each.lastError ?? said.noTrouble,
      ])}
    />
  );
}

function placeOf({ destination }: StreamView): string {
  if (destination.kind === 'file') return said.streamFile(destination.file);
  return destination.kind === 'nats' ? said.streamSubject(destination.subject) : destination.url;
}
