import { setTimeout } from 'node:timers/promises';

import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import {
  type CommandAnswer,
  DeleteSecretQuery,
  EmptyOrder,
  ListStreams,
  NoQuery,
  secretPaths,
  type SecretsView,
  SetSecretOrder,
  StreamsView,
  type StreamView,
  type VaultView,
} from '@provident/contracts';
import { SecretName } from '@provident/domain';
import { listSecretUses, NotFound, type SecretUseOfJob } from '@provident/report';

import { orderedBy } from '../access/caller.js';
import { BadRequest } from '../http/bad-request.js';
import { CommandRefused } from '../http/error-answer.js';
import { parsedBody, parsedQuery } from '../http/parsed.pipe.js';
import { Commands, CommandUnanswered, Secrets } from '../ports.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';

const patienceMs = 2_000;

/** Secrets go in here; nothing gives them out. */
@Controller()
export class SecretsController {
  constructor(
    @Inject(Secrets) private readonly secrets: Secrets,
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(Commands) private readonly commands: Commands,
  ) {}

  /** Those that jobs and streams refer to and that are not there come too. */
  @Get(secretPaths.secrets)
  async list(@Query(parsedQuery(NoQuery)) _query: object): Promise<SecretsView> {
    const [known, uses, streams] = await Promise.all([this.secrets.list(), this.uses(), this.streamsIfTold()]);
    const whoUse = (name: string) => ({ usedBy: placesOf(name, uses), usedByStreams: streams && streamsWith(name, streams) });
    const there = known.map((facts) => ({ ...facts, ...whoUse(facts.name) }));
    const named = [...uses.map(({ name }) => name), ...(streams ?? []).flatMap(secretsOf)];
    const missing = [...new Set(named)]
      .filter((name) => !known.some((facts) => facts.name === name))
      .map((name) => ({ name, setAt: null, setBy: null, ...whoUse(name) }));
    return { secrets: [...there, ...missing].sort((one, other) => (one.name < other.name ? -1 : 1)) };
  }

  @Put(secretPaths.secret)
  @HttpCode(200)
  async set(@Param('name') name: string, @Body(parsedBody(SetSecretOrder)) { value }: SetSecretOrder): Promise<CommandAnswer> {
    await this.secrets.set(checked(name), value, orderedBy());
    const [uses, streams] = await Promise.all([this.uses(), this.streamsIfTold()]);
    const places = placesOf(name, uses);
    const usedByStreams = streams && streamsWith(name, streams);
    const effect =
      places.length > 0 || (usedByStreams ?? []).length > 0
        ? 'what refers to it takes it within seconds'
        : `no job refers to it yet: { secret: ${name} } does`;
    return done(`the secret "${name}" is set; ${effect}`, { name, usedBy: places, usedByStreams });
  }

  @Delete(secretPaths.secret)
  async delete(@Param('name') name: string, @Query(parsedQuery(DeleteSecretQuery)) { force }: DeleteSecretQuery): Promise<CommandAnswer> {
    const places = placesOf(checked(name), await this.uses());
    const streams = force === 'true' || places.length > 0 ? [] : streamsWith(name, await this.streams());
    if (streams.length > 0)
      throw new CommandRefused(
        refused(
          `${streams.map((id) => `stream "${id}"`).join(', ')} could send nothing more without the secret "${name}": change that first, or force it`,
        ),
      );
    if (places.length > 0 && force === 'false')
      throw new CommandRefused(
        refused(
          `${places.map(({ jobId, place }) => `job "${jobId}" (${place})`).join(', ')} would have no secret "${name}" any more: change that first, or force it`,
        ),
      );
    if (!(await this.secrets.delete(name, orderedBy()))) throw new NotFound(`there is no secret "${name}"`);
    return done(`the secret "${name}" is deleted`, { name });
  }

  @Get(secretPaths.vault)
  vault(@Query(parsedQuery(NoQuery)) _query: object): Promise<VaultView> {
    return this.secrets.facts() as Promise<VaultView>;
  }

  @Post(secretPaths.rotateVault)
  @HttpCode(200)
  async rotate(@Body(parsedBody(EmptyOrder)) _order: object): Promise<CommandAnswer> {
    const { masterKey, rewrapped } = await this.secrets.rotate(orderedBy());
    return done(`${rewrapped} data keys were brought under master key ${masterKey}; no other is needed any more`, { masterKey, rewrapped });
  }

  /** @throws CommandUnanswered when nobody can tell */
  private async streams(): Promise<readonly StreamView[]> {
    return StreamsView.parse((await this.commands.send(ListStreams, {})).result).streams;
  }

  /** Null when nobody can tell at once: what is asked here goes without. */
  private async streamsIfTold(): Promise<readonly StreamView[] | null> {
    const tooLate = new AbortController();
    const answer = this.streams().catch((error: unknown) => {
      if (error instanceof CommandUnanswered) return null;
      throw error;
    });
    return Promise.race([answer, setTimeout(patienceMs, null, { signal: tooLate.signal })]).finally(() => tooLate.abort());
  }

  /** References to the vault alone. */
  private async uses(): Promise<NamedUse[]> {
    return (await listSecretUses(this.models)).flatMap(({ ref, ...use }) => ('secret' in ref ? [{ ...use, name: ref.secret }] : []));
  }
}

/** Ids of those that sign with it, or get in by it. */
const streamsWith = (secret: string, streams: readonly StreamView[]): string[] =>
  streams.filter((stream) => secretsOf(stream).includes(secret)).map(({ streamId }) => streamId);

const secretsOf = ({ destination, format }: StreamView): string[] => [
  ...('secret' in destination && destination.secret !== undefined ? [destination.secret] : []),
  ...('bearer' in destination && destination.bearer !== undefined ? [destination.bearer] : []),
  ...('token' in format ? [format.token.signingKey] : []),
];

interface NamedUse extends Omit<SecretUseOfJob, 'ref'> {
  readonly name: string;
}

const placesOf = (name: string, uses: readonly NamedUse[]): { jobId: string; place: string }[] =>
  uses.filter((use) => use.name === name).map(({ jobId, place }) => ({ jobId, place }));

function checked(name: string): string {
  const parsed = SecretName.safeParse(name);
  if (!parsed.success) throw new BadRequest(`the name of a secret ${parsed.error.issues[0]!.message}`);
  return name;
}

const done = (message: string, result: CommandAnswer['result']): CommandAnswer => ({ ok: true, message, issues: [], result });
const refused = (message: string): CommandAnswer => ({ ok: false, message, issues: [], result: {} });
