import { formatNumber } from '../../shared/format.js';

/** Words of the details of an entry. */
export const detailsTexts = {
  title: 'Details',
  tabs: { steps: 'Steps', modified: 'Changes', help: 'What to do', summary: 'Summary', raw: 'Events' },
  story: 'The whole story of this person',
  attribute: 'Attribute',
  old: 'Before',
  new: 'After',
  noModified: 'No attribute was changed or was to be changed.',
  modifiedNotWritten: 'These changes were decided; they have not been written.',
  clause: 'Condition',
  actual: 'Value met',
  holds: 'Holds',
  filter: 'Filter',
  rawHint: 'The events of this change, as the log keeps them.',
  facts: 'Facts',
  tried: 'Looked for by',
  value: 'Value',
  result: 'Result',
  found: (count: number) => `${formatNumber(count)} found`,
  accountFound: (id: string) => `Account ${id} as it was`,
  error: 'Error',
  members: {
    title: 'Members',
    who: 'Member',
    what: 'What happened',
    joined: 'joined',
    left: 'left',
    member: (key: string) => {
      const [type = '', ...id] = key.split(':');
      return type === 'user' ? id.join(':') : `${type} ${id.join(':')}`;
    },
    more: (count: number) => `and ${formatNumber(count)} more`,
  },
  code: 'Code',
  advice: 'What helps',
  noTrouble: 'Nothing is wrong here, and nothing has to be done.',
} as const;
