import type { ClickHouse } from "./clickhouse.ts";

/** One of several replicas does what only one should. What it does must bear a second all the same: no clock is sure. */
export interface Lease {
  /** Whether this replica holds it, for most of the lease's length from now on. To be asked before every step of the work. */
  hold(): Promise<boolean>;
  /** Lets it go before its time. */
  release(): Promise<void>;
}

/** Of a process that has its store for itself. */
export const ownLease: Lease = { hold: async () => true, release: async () => undefined };

export interface LeaseOptions {
  readonly resource: string;
  /** Unlike every other's. */
  readonly holder: string;
  readonly lengthMs: number;
}

/**
 * A lease in ClickHouse, by its clock. Each claim, the holder's next one too, is of a term of its own; where two claim the
 * same, the one that the server stamped first counts, and each reads after its own claim is acknowledged.
 */
export function createLease(clickhouse: ClickHouse, { resource, holder, lengthMs }: LeaseOptions): Lease {
  /** Claims the next term and tells who has it. */
  async function claimAfter(term: string, milliseconds: number): Promise<string> {
    await clickhouse.command(
      `INSERT INTO leases (resource, term, holder, until)
       SELECT {resource:String}, {term:UInt64} + 1, {holder:String}, now64(3) + toIntervalMillisecond({length:UInt32})`,
      { resource, term, holder, length: milliseconds },
    );
    return (await read()).owner;
  }
  async function read(): Promise<{ term: string; owner: string; valid: boolean }> {
    const [row] = await clickhouse.query<{ term: string; owner: string; valid: number }>(
      `SELECT term, argMin(holder, at) AS owner, argMin(until, at) > now64(3) AS valid
       FROM leases WHERE resource = {resource:String} GROUP BY term ORDER BY term DESC LIMIT 1`,
      { resource },
    );
    return row === undefined ? { term: "0", owner: "", valid: false } : { ...row, valid: row.valid === 1 };
  }
  /** Until when it is not asked for again, ms that only rise. */
  let sure = 0;
  return {
    async hold() {
      const asked = performance.now();
      if (asked < sure) return true;
      const { term, owner, valid } = await read();
      if (valid && owner !== holder) return false;
      const holds = (await claimAfter(term, lengthMs)) === holder;
      sure = holds ? asked + lengthMs / 3 : 0;
      return holds;
    },
    async release() {
      sure = 0;
      const { term, owner, valid } = await read();
      if (valid && owner === holder) await claimAfter(term, 0);
    },
  };
}
