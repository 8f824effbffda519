import type { LogEntryView } from '@provident/contracts/http';
import type { ReactElement } from 'react';

import { texts } from '../../texts/en.js';
import { StepList } from './step-list.js';

/** The way of one change through import, rules, export and retries, in its order. */
export const Steps = ({ steps }: { steps: LogEntryView['steps'] }): ReactElement => (
  <StepList
    steps={steps.map(({ sequence, step, activity, ...rest }) => ({
      ...rest,
      key: sequence,
      title: texts.step(step),
      note: texts.activity[activity],
    }))}
  />
);
