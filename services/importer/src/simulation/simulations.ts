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
    this.running.set(simulationId, { simulation, ended: begun.then(() => this.follow(simulation)) });
    try {
      await begun;
    } catch (error) {
      this.running.delete(simulationId);
      throw error;
    }
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
      this.running.delete(simulation.id);
    }
  }
}

const answer = (ok: boolean, message: string, result: CommandAnswer['result']): CommandAnswer => ({ ok, message, issues: [], result });
