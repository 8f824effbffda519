import { z } from 'zod';

/** As containers have it: set, and empty, is not set. */
const unlessEmpty = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema) as unknown as z.ZodType<z.output<Schema>>;

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const count = (byDefault: number) => unlessEmpty(z.coerce.number().int().min(1).max(1_000_000).default(byDefault));

/** Where traces go. Names and meanings are those of OpenTelemetry; what else is sent with them (headers, certificates, time-out) its exporter reads itself. */
export const TraceSettings = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: unlessEmpty(z.url({ protocol: /^https?$/ }).optional()).describe(
    'Where an OpenTelemetry collector answers, such as http://127.0.0.1:4318; without it nothing is traced',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: unlessEmpty(z.url({ protocol: /^https?$/ }).optional()).describe(
    'The same for traces alone, with its path, such as http://127.0.0.1:4318/v1/traces',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: unlessEmpty(
    z.literal('http/json', { error: 'only http/json is spoken, which collectors take on port 4318' }).default('http/json'),
  ),
  OTEL_TRACES_EXPORTER: unlessEmpty(z.enum(['otlp', 'none']).default('otlp')),
  OTEL_SDK_DISABLED: unlessEmpty(z.enum(['true', 'false']).default('false')),
  OTEL_TRACES_SAMPLER: unlessEmpty(z.enum(samplers).default('parentbased_always_on')).describe('Which changes are traced; by default all'),
  OTEL_TRACES_SAMPLER_ARG: unlessEmpty(z.coerce.number().min(0).max(1).default(1)).describe(
    'Share of the changes that `traceidratio` traces, from 0 to 1',
  ),
  OTEL_SERVICE_NAME: unlessEmpty(z.string().optional()),
  OTEL_BSP_MAX_QUEUE_SIZE: count(2_048).describe('Spans that wait for the collector at most; more are dropped and counted'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count(512),
  OTEL_BSP_SCHEDULE_DELAY: count(1_000).describe('How long spans wait for others, in milliseconds'),
});
export type TraceSettings = z.infer<typeof TraceSettings>;

/** Share of the changes that are traced; 0 when nothing is. */
export function tracedShare(settings: TraceSettings): number {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces, OTEL_TRACES_SAMPLER: sampler } = settings;
  if ((all ?? traces) === undefined || settings.OTEL_SDK_DISABLED === 'true' || settings.OTEL_TRACES_EXPORTER === 'none') return 0;
  // Nothing comes before the importer: what is "based on the parent" is based on itself.
  if (sampler.endsWith('always_off')) return 0;
  return sampler.endsWith('traceidratio') ? settings.OTEL_TRACES_SAMPLER_ARG : 1;
}
