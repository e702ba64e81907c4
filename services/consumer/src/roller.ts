import type { Position, SpanSubscriber } from "@spanhouse/bus/bus";
import type { Checkpoints } from "@spanhouse/store/checkpoints";
import type { SliceWriter } from "@spanhouse/store/slices/slice-writer";
import type { SliceKey } from "@spanhouse/store/slices/slices";
import type { StampingClock } from "./stamping-clock.ts";

export interface Roller {
  /** Unix seconds: rows written from here on may not be rolled up. Asked once, before the first flush. */
  unrolledSince(): Promise<number>;
  /** A flush begins: until `covered`, its rows may be in the store without their slices being known here. */
  began(): void;
  /**
   * Its rows are in the store, and nobody has been told: should they be stamped by a clock that has stepped back, they are
   * below what is recorded as rolled up, and that is lowered first.
   */
  written(): Promise<void>;
  /** The flush is in the store: these slices are behind, and these positions may move once they are not. */
  covered(slices: readonly SliceKey[], positions: readonly Position[], generation: number): void;
  /** Slices to roll that no position waits for. */
  behind(slices: readonly SliceKey[]): void;
  /** Rolls what is behind, then records and commits the positions that it covers. Runs alone: a call during a roll joins it. */
  roll(): Promise<RollReport>;
}

export interface RollReport {
  readonly slices: number;
  /** False when the assignment changed meanwhile: the records will be delivered again. */
  readonly committed: boolean;
}

export interface RollerDependencies {
  readonly slices: SliceWriter;
  readonly checkpoints: Checkpoints;
  readonly subscriber: Pick<SpanSubscriber, "holds" | "commit">;
  /** The name of the span log among others that feed the same store. */
  readonly cluster: string;
  readonly clock: StampingClock;
}

/** ClickHouse refuses an insert into more partitions, which are days, than its max_partitions_per_insert_block. */
const daysPerRoll = 100;
const minutesPerDay = 1440;

/** Servers that stamp rows of one table may differ by less than this, seconds. */
const clockAllowance = 60;

export function createRoller({ slices, checkpoints, subscriber, cluster, clock }: RollerDependencies): Roller {
  let dirty = new Map<string, SliceKey>();
  let positions = new Map<string, Position>();
  let generation = 0;
  let flushBegan: number | undefined;
  /** The `rolledFrom` of the latest checkpoint; undefined: there is none, or nobody will ask for it. */
  let recorded: number | undefined;
  let rolling: Promise<RollReport> | undefined;

  function add(keys: readonly SliceKey[]): void {
    for (const key of keys) dirty.set(`${key.bucket} ${key.lane} ${key.project}`, key);
  }

  async function rollNow(): Promise<RollReport> {
    const taken = { dirty, positions, generation, rolledFrom: (flushBegan ?? clock.at) - clockAllowance };
    dirty = new Map();
    positions = new Map();
    try {
      for (const group of byDays([...taken.dirty.values()])) await slices.roll(group);
    } catch (error) {
      // Whoever calls next finds it all still to do. What came meanwhile is newer than what is put back.
      dirty = new Map([...taken.dirty, ...dirty]);
      if (taken.generation === generation) positions = new Map([...taken.positions, ...positions]);
      throw error;
    }
    const moved = [...taken.positions.values()];
    if (moved.length === 0) return { slices: taken.dirty.size, committed: true };
    // Another has them, and may have recorded more: what is written last is what is read.
    if (!subscriber.holds(taken.generation)) return { slices: taken.dirty.size, committed: false };
    await checkpoints.write(
      moved.map(({ topic, partition, next, fingerprint, timestamp }) => ({
        cluster,
        topic,
        partition,
        nextOffset: next,
        fingerprint,
        recordTime: timestamp,
        rolledFrom: taken.rolledFrom,
        generation: taken.generation,
      })),
    );
    if (recorded !== undefined) recorded = taken.rolledFrom;
    return { slices: taken.dirty.size, committed: await subscriber.commit(taken.generation, moved) };
  }

  return {
    async unrolledSince() {
      recorded = (await checkpoints.rolledFrom(cluster)) ?? 0;
      return recorded;
    },
    began() {
      flushBegan = clock.at;
    },
    async written() {
      const least = await clock.ask();
      if (recorded === undefined || least >= recorded) return;
      // A roll under way may be about to record what it took before.
      await rolling?.catch(() => undefined);
      flushBegan = least;
      recorded = least - clockAllowance;
      await checkpoints.lowerRolledFrom(cluster, recorded);
    },
    covered(keys, moved, newGeneration) {
      flushBegan = undefined;
      add(keys);
      // Positions of an older assignment are somebody else's to move.
      if (newGeneration !== generation) positions = new Map();
      generation = newGeneration;
      for (const position of moved) positions.set(`${position.partition} ${position.topic}`, position);
    },
    behind: add,
    roll() {
      rolling ??= rollNow().finally(() => {
        rolling = undefined;
      });
      return rolling;
    },
  };
}

/** The slices by time, in groups that lie on few enough days; one group at least, since a roll also folds what has closed. */
function byDays(slices: readonly SliceKey[]): SliceKey[][] {
  const groups: SliceKey[][] = [[]];
  let days = 0;
  let last = -1;
  for (const slice of [...slices].sort((a, b) => a.bucket - b.bucket)) {
    const day = Math.floor(slice.bucket / minutesPerDay);
    if (day !== last && ++days > daysPerRoll) {
      groups.push([]);
      days = 1;
    }
    last = day;
    groups.at(-1)!.push(slice);
  }
  return groups;
}
