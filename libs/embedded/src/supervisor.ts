import { EventEmitter } from 'node:events';
import { cutWhenLong } from './log-file.js';
import { type Crash, type ServiceSpec, type ServiceState, SupervisedService } from './supervised-service.js';

export interface SupervisorEvents {
  /** A service has ended unasked; it is started again after `restartInMs`. */
  crash: [Crash];
  /** A service runs again after a crash. */
  restart: [{ name: string; pid: number }];
}

/** Keeps child processes running: a crashed one is started again, later and later while it keeps crashing. */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  private readonly services: SupervisedService[] = [];
  private logCheck: NodeJS.Timeout | undefined;

  /** Starts a service; its output goes to its log file. */
  supervise(spec: ServiceSpec): SupervisedService {
    this.logCheck ??= setInterval(() => this.cutLongLogs(), 60_000).unref();
    const service = new SupervisedService(spec, {
      onCrash: (crash) => this.emit('crash', crash),
      onRestart: (pid) => this.emit('restart', { name: spec.name, pid }),
    });
    this.services.push(service);
    return service;
  }

  status(): ServiceState[] {
    return this.services.map((service) => service.state());
  }

  /** Ends all services, the last started first: SIGTERM, and SIGKILL for what is still there after `graceMs`. */
  async stopAll(graceMs = 10_000): Promise<void> {
    clearInterval(this.logCheck);
    for (const service of this.services) service.neverRestart();
    for (const service of this.services.toReversed()) await service.stop(graceMs);
  }

  private cutLongLogs(): void {
    for (const { spec } of this.services) cutWhenLong(spec.logFile);
  }
}
