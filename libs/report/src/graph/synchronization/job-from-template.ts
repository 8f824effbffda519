import type { JobDefinition } from '@provident/domain';

/** A job with the systems and the rules of another. It waits until somebody starts it: two that write to one target are for a person to think about. Pure. */
export function jobFromTemplate(template: JobDefinition, job: string): JobDefinition {
  return {
    ...template,
    job,
    name: `${template.name ?? template.job} (${job})`,
    template: template.job,
    schedule: { ...template.schedule, paused: true },
  };
}
