import {
  type Connection,
  type Consumer,
  erase,
  flush,
  foldHours,
  letGo,
  recover,
  reprice,
  roll,
  type Steps,
} from "./protocol.ts";
import type { Random } from "./random.ts";
import type { Rules } from "./rules.ts";
import { type Member, SpanLog } from "./span-log.ts";
import { isDone, type Operation, Store, stepOf } from "./store.ts";

/** A consumer's process. A zombie has lost its assignment without knowing and goes on as before. */
export interface Process extends Consumer, Member {
  readonly name: string;
  zombie: boolean;
}

/** Work of a process under way; the re-pricer's has no owner. Dead: only what the server already has can still happen. */
export interface Job {
  readonly kind: "flush" | "roll" | "fold" | "reprice" | "erase" | "recover";
  readonly owner: Process | undefined;
  readonly steps: Steps;
  waitsFor: Operation | undefined;
  operations: Operation[];
}

/** Who may move. `dead`: operations whose client was killed. */
export interface Movers {
  readonly zombies: boolean;
  readonly dead: boolean;
  readonly newWork: boolean;
}

interface Move {
  readonly by: unknown;
  readonly make: () => void;
}

/** Processes, their jobs and the server's operations, one step at a time in an order that chance picks. */
export class Simulation {
  readonly store: Store;
  readonly log: SpanLog;
  readonly random: Random;
  processes: Process[] = [];
  /** What happened, for the reader of a failed schedule. */
  readonly schedule: string[] = [];
  #jobs: Job[] = [];
  #detached: Operation[] = [];
  #started = 0;
  /** Who moved last, and how likely it moves again: slow and fast ones by turns reach orders that a fair coin never does. */
  #last: unknown;
  readonly #haste: number;

  constructor(rules: Rules, random: Random) {
    this.store = new Store(rules);
    this.log = new SpanLog(random);
    this.random = random;
    this.#haste = random.pick([0, 0.6, 0.9]);
    this.processes = [this.#newProcess(), this.#newProcess()];
    this.rebalance();
  }

  living(): Process[] {
    return this.processes.filter((process) => !process.zombie);
  }

  rebalance(): void {
    this.log.assign(this.living(), this.store.checkpoints);
  }

  /** Its memory is gone, its jobs stop at the line where they are; another process starts in its place. */
  kill(process: Process): void {
    this.killJobs((job) => job.owner === process);
    this.processes = [...this.processes.filter((other) => other !== process), this.#newProcess()];
    this.rebalance();
  }

  /** One process with its own bus and server dies whole: nothing comes through later. Its successor recovers first. */
  crash(): void {
    this.#jobs = [];
    this.processes = [this.#newProcess()];
    this.log.forget();
    this.rebalance();
    this.#start("recover", this.processes[0], recover);
  }

  cutOff(process: Process): void {
    process.zombie = true;
    this.processes.push(this.#newProcess());
    this.rebalance();
  }

  /** What a killed client had sent may come through whole, in part, or not. */
  killJobs(dies: (job: Job) => boolean): void {
    for (const job of this.#jobs.filter(dies)) {
      for (const operation of job.operations) if (this.random.chance(0.5)) this.#detached.push(operation);
    }
    this.#jobs = this.#jobs.filter((job) => !dies(job));
  }

  /** A process is short of memory, between two flushes. */
  letGo(process: Process): void {
    if (this.busy("flush", process)) return;
    letGo(this.store, process, this.random.chance(0.3) ? `${process.name}, later ${this.store.clock}` : undefined);
  }

  startReprice(): void {
    if (!this.busy("reprice", undefined)) this.#start("reprice", undefined, reprice);
  }

  startErase(): void {
    if (!this.busy("erase", undefined)) this.#start("erase", undefined, erase);
  }

  startFold(process: Process): void {
    const keys = [...this.store.closedHours].flatMap((hour) => [`${hour} 0`, `${hour} 1`]);
    this.#start("fold", process, (connection) => foldHours(connection, new Set(keys)));
  }

  /** One line of one job, one step of one operation, or the start of a job. False when nothing can move. */
  step(movers: Movers): boolean {
    this.store.clock++;
    const moves: Move[] = [];
    for (const job of this.#jobs) {
      if (job.owner?.zombie && !movers.zombies) continue;
      if (!job.waitsFor || isDone(job.waitsFor)) moves.push({ by: job, make: () => this.#advance(job) });
      for (const operation of job.operations) moves.push({ by: job, make: () => this.#land(operation) });
    }
    if (movers.dead) {
      for (const operation of this.#detached) moves.push({ by: operation, make: () => this.#land(operation) });
    }
    if (movers.newWork) this.#offerWork(moves, movers.zombies);
    if (moves.length === 0) return false;
    const again = this.random.chance(this.#haste) ? moves.filter(({ by }) => by === this.#last) : [];
    const { by, make } = this.random.pick(again.length > 0 ? again : moves);
    this.#last = by;
    make();
    return true;
  }

  #offerWork(moves: Move[], zombies: boolean): void {
    for (const process of this.processes) {
      if ((process.zombie && !zombies) || this.busy("recover", process)) continue;
      const readable = this.busy("flush", process) ? [] : this.log.readable(process);
      for (const partition of readable) {
        const make = () => {
          const batch = this.log.poll(process, partition);
          this.#start("flush", process, (connection) => flush(connection, process, batch));
        };
        moves.push({ by: process, make });
      }
      const due = process.dirty.size > 0 || process.covered.size > 0;
      if (!due || this.busy("roll", process)) continue;
      const make = () => this.#start("roll", process, (connection) => roll(connection, process, this.log.commit));
      moves.push({ by: process, make });
    }
    if (this.store.erasureListed && !this.store.erasureDone && !this.busy("erase", undefined)) {
      moves.push({ by: "eraser", make: () => this.startErase() });
    }
    if (this.store.activePrice > this.store.restampedPrice) {
      if (!this.busy("reprice", undefined)) moves.push({ by: undefined, make: () => this.startReprice() });
    }
  }

  #start(kind: Job["kind"], owner: Process | undefined, work: (connection: Connection) => Steps): void {
    const operations: Operation[] = [];
    const start = (operation: Operation) => {
      if (!isDone(operation)) operations.push(operation);
      return operation;
    };
    const job = { kind, owner, steps: work({ store: this.store, start }), waitsFor: undefined, operations };
    this.#jobs.push(job);
    this.#last = job;
    this.schedule.push(`${owner?.name ?? "re-pricer"} starts ${kind}`);
  }

  #advance(job: Job): void {
    const { done, value } = job.steps.next();
    job.waitsFor = value ?? undefined;
    this.schedule.push(`${job.owner?.name ?? "re-pricer"} ${job.kind} ${done ? "ends" : "goes on"}`);
    if (done) this.#jobs = this.#jobs.filter((other) => other !== job);
  }

  #land(operation: Operation): void {
    this.schedule.push(`${operation.name}: ${stepOf(operation, this.random)}`);
    if (!isDone(operation)) return;
    this.#detached = this.#detached.filter((other) => other !== operation);
    for (const job of this.#jobs) {
      const at = job.operations.indexOf(operation);
      if (at >= 0) job.operations.splice(at, 1);
    }
  }

  busy(kind: Job["kind"], owner: Process | undefined): boolean {
    return this.#jobs.some((job) => job.kind === kind && job.owner === owner);
  }

  #newProcess(): Process {
    const name = `consumer ${++this.#started}`;
    return {
      name,
      writer: name,
      live: new Map(),
      letGo: new Set(),
      zombie: false,
      generation: 0,
      positions: new Map(),
      dirty: new Set(),
      covered: new Map(),
      flushBegan: undefined,
    };
  }
}
