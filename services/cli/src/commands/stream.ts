import {
  type AddStreamOrder,
  streamActivities,
  streamContents,
  type StreamFilter,
  streamStatuses,
  type StreamView,
} from '@provident/contracts';
import { Option } from 'commander';

import type { AddCommand, Cli, JsonOption } from '../cli.js';
import { action, findApi, print, printJson } from '../cli.js';
import { CliError } from '../cli-error.js';
import { typed } from '../places.js';
import { renderStreams } from '../render/streams.js';
import { printAnswer } from './answer.js';
import { jsonOption, wholeNumber } from './options.js';

interface AddOptions extends JsonOption {
  readonly webhook?: string;
  readonly otlp?: string;
  readonly file?: string;
  readonly nats?: string;
  readonly format: AddStreamOrder['format']['kind'];
  readonly secret?: string;
  readonly bearer?: string;
  readonly rotateBytes?: number;
  readonly keep?: number;
  readonly signingKey?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly content?: StreamFilter['contents'];
  readonly job?: string[];
  readonly activity?: StreamFilter['activities'];
  readonly status?: StreamFilter['statuses'];
  readonly from?: number;
}

/** `--from beginning` */
const place = (text: string): number => (text === 'beginning' ? 0 : wholeNumber(0)(text));

export const addStreams: AddCommand = (program, cli, end) => {
  program
    .command('streams')
    .description('where events are sent, how far each destination is, and what holds it up')
    .addOption(jsonOption())
    .action(
      action(cli, end, async ({ json }: JsonOption) => {
        const streams = await (await findApi(cli)).streams();
        if (json) printJson(cli, streams);
        else
          print(
            cli.out,
            streams.length === 0
              ? `No stream yet: ${typed('stream add NAME --webhook URL --secret NAME')} makes one.`
              : tableOf(cli, streams),
          );
      }),
    );
  const stream = program.command('stream').description('send events to another system as they happen, at least once each');
  stream
    .command('add')
    .description('send events to a webhook, a log collector, a file or a NATS subject')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .addOption(new Option('--webhook <url>', 'post events there, signed').conflicts(['otlp', 'file', 'nats']))
    .addOption(new Option('--otlp <url>', 'an OpenTelemetry collector that takes logs over HTTP').conflicts(['file', 'nats']))
    .addOption(new Option('--file <name>', "a file in the service's folder for such files").conflicts('nats'))
    .option('--nats <subject>', 'a subject of the broker that a stream of your own takes up')
    .addOption(new Option('--format <format>', 'how events are written').choices(['cloudevents', 'ocsf', 'set']).default('cloudevents'))
    .option('--secret <name>', 'secret of the vault that requests to a webhook are signed with')
    .option('--bearer <name>', 'secret of the vault that is sent as bearer token')
    .option('--rotate-bytes <bytes>', 'size at which a file is put aside', wholeNumber(4_096))
    .option('--keep <files>', 'how many of those are kept; all by default', wholeNumber(1, 10_000))
    .option('--signing-key <name>', 'set: secret of the vault with the private key')
    .option('--issuer <text>', 'set: who says it')
    .option('--audience <text>', 'set: to whom')
    .addOption(
      new Option('--content <content...>', 'entries of the provisioning log, audit events; both by default').choices(streamContents),
    )
    .option('--job <job...>', 'only of these jobs')
    .addOption(new Option('--activity <activity...>', 'audit events of these activities alone').choices(streamActivities))
    .addOption(new Option('--status <status...>', 'only with these outcomes').choices(streamStatuses))
    .option('--from <sequence>', 'begin behind this place in the log, or at its "beginning"; now by default', place)
    .addOption(jsonOption())
    .action(
      action(cli, end, async (name: string, options: AddOptions) =>
        printAnswer(cli, await (await findApi(cli)).addStream(orderOf(name, options)), options),
      ),
    );
  const named = (verb: string, description: string) =>
    stream.command(verb).description(description).argument('<name>', 'as "provident streams" shows it').addOption(jsonOption());
  named('remove', 'send nothing more there').action(
    action(cli, end, async (name: string, options: JsonOption) => printAnswer(cli, await (await findApi(cli)).removeStream(name), options)),
  );
  named('pause', 'send nothing more until it is started; nothing is lost meanwhile').action(
    action(cli, end, async (name: string, options: JsonOption) => printAnswer(cli, await (await findApi(cli)).pauseStream(name), options)),
  );
  named('start', 'send again, and at once')
    .option('--from <sequence>', 'from behind this place in the log instead of where it was', place)
    .action(
      action(cli, end, async (name: string, { from, json }: JsonOption & { readonly from?: number }) =>
        printAnswer(cli, await (await findApi(cli)).startStream(name, from), { ...(json !== undefined && { json }) }),
      ),
    );
  named('test', 'send one event of no consequence').action(
    action(cli, end, async (name: string, options: JsonOption) => printAnswer(cli, await (await findApi(cli)).testStream(name), options)),
  );
};

const tableOf = (cli: Cli, streams: readonly StreamView[]): string =>
  renderStreams(streams, { width: cli.out.columns, now: cli.now(), timeZone: cli.timeZone });

function orderOf(streamId: string, options: AddOptions): AddStreamOrder {
  const { content: contents, job: jobs, activity: activities, status: statuses, from } = options;
  return {
    streamId,
    destination: destinationOf(options),
    format: formatOf(options),
    filter: { ...(contents && { contents }), ...(jobs && { jobs }), ...(activities && { activities }), ...(statuses && { statuses }) },
    ...(from !== undefined && { from }),
  };
}

function destinationOf({ webhook, otlp, file, nats, secret, bearer, rotateBytes, keep }: AddOptions): AddStreamOrder['destination'] {
  const authorized = bearer === undefined ? {} : { bearer };
  if (webhook !== undefined) {
    if (secret === undefined) throw new CliError(`a webhook needs --secret: ${typed('secret set NAME')} puts one into the vault`);
    return { kind: 'webhook', url: webhook, secret, ...authorized };
  }
  if (otlp !== undefined) return { kind: 'otlp', url: otlp, ...authorized };
  if (file !== undefined) return { kind: 'file', file, rotateBytes: rotateBytes ?? 64 * 1024 * 1024, ...(keep !== undefined && { keep }) };
  if (nats !== undefined) return { kind: 'nats', subject: nats };
  throw new CliError('say where to: --webhook URL, --otlp URL, --file NAME or --nats SUBJECT');
}

function formatOf({ format, signingKey, issuer, audience }: AddOptions): AddStreamOrder['format'] {
  if (format !== 'set') return { kind: format };
  if (signingKey === undefined || issuer === undefined || audience === undefined)
    throw new CliError('security event tokens need --signing-key, --issuer and --audience');
  return { kind: 'set', token: { signingKey, issuer, audience } };
}
