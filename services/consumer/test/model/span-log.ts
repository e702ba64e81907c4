import type { Batch } from "./protocol.ts";
import type { Random } from "./random.ts";
import { laneOf, type SentRecord } from "./records.ts";
import type { Position } from "./store.ts";

export const partitions = [0, 1] as const;

interface LogEntry {
  readonly record: SentRecord;
  /** Unlike any other's, as a record's timestamp and bytes make it. */
  readonly fingerprint: string;
}

/** A member of the group: where it reads on, and under which assignment. */
export interface Member {
  generation: number;
  readonly positions: Map<number, number>;
  covered: Map<number, Position>;
}

/** Kafka, as far as it matters: partitions, a group whose generation guards commits, committed positions. */
export class SpanLog {
  readonly #random: Random;
  readonly #entries = new Map<number, LogEntry[]>(partitions.map((partition) => [partition, []]));
  readonly #committed = new Map<number, Position>();
  #generation = 0;
  #published = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Mostly to the partition of its lane, sometimes as another hasher would. */
  publish(record: SentRecord): void {
    const partition = this.#random.chance(0.7) ? laneOf(record.trace) : this.#random.pick(partitions);
    this.#append(partition, record);
  }

  republish(): void {
    const entries = [...this.#entries.values()].flat();
    if (entries.length > 0) this.publish(this.#random.pick(entries).record);
  }

  /** The topic is made anew and offsets begin at 0: what was not worked off is sent again, in another order. */
  restart(partition: number): void {
    const next = this.#trusted(partition, this.#committed.get(partition));
    const kept = this.#entries.get(partition)!.filter((_, offset) => offset >= next || this.#random.chance(0.3));
    this.#entries.set(partition, []);
    for (const { record } of this.#random.shuffle(kept)) this.#append(partition, record);
  }

  /** What the embedded bus held is gone; what of it was not stored, its publishers send again or give up. */
  forget(): void {
    for (const partition of partitions) {
      this.#entries.set(partition, []);
      this.#committed.delete(partition);
    }
  }

  /** A new assignment of every partition among these members; each reads on from min(committed, checkpoint). */
  assign(members: readonly Member[], checkpoints: ReadonlyMap<number, Position>): void {
    this.#generation++;
    for (const member of members) {
      member.generation = this.#generation;
      member.covered = new Map();
      member.positions.clear();
    }
    for (const partition of partitions) {
      const start = Math.min(
        this.#trusted(partition, this.#committed.get(partition)),
        this.#trusted(partition, checkpoints.get(partition)),
      );
      this.#random.pick(members).positions.set(partition, start);
    }
  }

  /** The partitions that have something for this member, whose assignment may be long over. */
  readable(member: Member): number[] {
    return [...member.positions]
      .filter(([partition, next]) => next < this.#entries.get(partition)!.length)
      .map(([p]) => p);
  }

  poll(member: Member, partition: number): Batch {
    const from = member.positions.get(partition)!;
    const entries = this.#entries.get(partition)!.slice(from, from + this.#random.between(1, 3));
    const next = from + entries.length;
    member.positions.set(partition, next);
    const position = { next, fingerprint: entries.at(-1)!.fingerprint };
    return { records: entries.map((entry) => entry.record), generation: member.generation, partition, position };
  }

  commit = (generation: number, covered: ReadonlyMap<number, Position>): void => {
    if (generation !== this.#generation) return;
    for (const [partition, position] of covered) this.#committed.set(partition, position);
  };

  #append(partition: number, record: SentRecord): void {
    this.#entries.get(partition)!.push({ record, fingerprint: `${this.#published++}` });
  }

  /** A position counts only if the record before it is still the same one. */
  #trusted(partition: number, position: Position | undefined): number {
    if (!position) return 0;
    return this.#entries.get(partition)![position.next - 1]?.fingerprint === position.fingerprint ? position.next : 0;
  }
}
