import type { JobStatusView } from '@provident/contracts/http';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { causesQuery } from '../../api/list-causes.js';
import { texts } from '../../texts/en.js';
import { nameOf } from '../job-name.js';
import { Link } from '../link.js';
import { pages } from '../pages.js';
import { failureLines } from './failure-lines.js';
import { Notice } from './notice.js';

const said = texts.attention;

/** Objects of a job fail: how many, for which reason most of them, and the way to all the reasons. */
export function FailuresNotice({ job }: { job: JobStatusView }): ReactElement {
  const { data: causes } = useQuery(causesQuery(job.jobId));
  return (
    <Notice
      intent="warning"
      title={said.failures(nameOf(job), job.escrows + job.givenUp)}
      lines={failureLines(causes)}
      actions={<Link to={pages.job(job.jobId, 'failures')}>{said.seeFailures}</Link>}
    />
  );
}
