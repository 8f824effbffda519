import { type CommandAnswer, CancelSimulation, type StartSimulation } from '@provident/contracts';
import type { NatsConnection } from '@nats-io/transport-node';

import { Simulation, type SimulationPorts } from './simulation.js';

/** Each reads a whole source, and asks its target as much as a cycle does. */
const mostAtOnce = 2;

/** The simulations that this instance runs. */
export class Simulations {
  private readonly running = new Map<string, { readonly simulation: Simulation; readonly ended: Promise<void> }>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly ports: SimulationPorts,
  ) {}

  /** Begins one, unless enough are under way. Resolves once it can be asked for. */
  async start(order: StartSimulation): Promise<CommandAnswer> {
    const { simulationId, jobId } = order.opened;
    if (this.running.size >= mostAtOnce)
      return answer(false, `${mostAtOnce} simulations are under way already: wait until one has ended, or cancel it`, {
        running: [...this.running.keys()],
      });
    const simulation = new Simulation(order, this.ports);
    const begun = this.ports.store.open(order.opened, simulation.progress());
    const ended = begun.then(() => this.follow(simulation)).finally(() => this.running.delete(simulationId));
    ended.catch((error: unknown) => this.ports.logger.error({ err: error, simulationId }, 'a simulation was broken off'));
    this.running.set(simulationId, { simulation, ended });
    await begun;
    return answer(true, `simulation ${simulationId} of job "${jobId}" has begun`, { jobId, simulationId });
  }

  /** Ends them all, and waits until they have said so. */
  async stop(): Promise<void> {
    const all = [...this.running.values()];
    for (const { simulation } of all) simulation.end('service-stops');
    await Promise.allSettled(all.map(({ ended }) => ended));
  }

  private async follow(simulation: Simulation): Promise<void> {
    const cancelling = this.connection.subscribe(CancelSimulation(simulation.id).subject, {
      callback: (error, message) => {
        if (error) return;
        simulation.end('cancelled');
        message.respond(JSON.stringify({ response: answer(true, `simulation ${simulation.id} is cancelled`, {}), isDisposed: true }));
      },
    });
    try {
      await simulation.run();
    } finally {
      cancelling.unsubscribe();
    }
  }
}

const answer = (ok: boolean, message: string, result: CommandAnswer['result']): CommandAnswer => ({ ok, message, issues: [], result });
