import type { ClickHouse } from "@spanhouse/store/clickhouse";

/** Where a consumer dies: at its n-th write, and whether that write still comes through. */
export interface Crash {
  readonly write: number;
  /** `before`: it was never sent. `after`: it was acknowledged. `detached`: it comes through when nobody waits any more. */
  readonly how: "before" | "after" | "detached";
}

export interface CrashingClickHouse {
  readonly clickhouse: ClickHouse;
  /** Whether it came to the crash. */
  readonly crashed: () => boolean;
  /** Resolves when everything that was sent has come through. */
  settled(): Promise<void>;
}

/** A ClickHouse whose client is killed at one of its writes: every later call of that client fails. */
export function crashing(clickhouse: ClickHouse, crash: Crash | undefined): CrashingClickHouse {
  const sent = new Set<Promise<unknown>>();
  let writes = 0;
  let dead = false;

  function send<T>(call: () => Promise<T>): Promise<T> {
    const promise = call();
    const tracked = promise.catch(() => undefined).finally(() => sent.delete(tracked));
    sent.add(tracked);
    return promise;
  }

  async function alive<T>(call: () => Promise<T>): Promise<T> {
    if (dead) throw new Error("killed");
    return send(call);
  }

  async function write(call: () => Promise<void>): Promise<void> {
    if (dead || writes++ !== crash?.write) return alive(call);
    dead = true;
    if (crash.how === "after") await send(call);
    if (crash.how === "detached") send(call).catch(() => undefined);
    throw new Error("killed");
  }

  return {
    clickhouse: {
      ...clickhouse,
      query: (sql, params, options) => alive(() => clickhouse.query(sql, params, options)),
      queryRows: (sql, params, options) => alive(() => clickhouse.queryRows(sql, params, options)),
      insert: (table, columns, body, options) => {
        // The writer uses its buffer again; a detached insert must have its own.
        const copy = body instanceof Uint8Array ? body.slice() : body.map((part) => part.slice());
        return write(() => clickhouse.insert(table, columns, copy, options));
      },
      define: (sql, options) => write(() => clickhouse.define(sql, options)),
      command: (sql, params, options) => write(() => clickhouse.command(sql, params, options)),
    },
    crashed: () => dead,
    async settled() {
      while (sent.size > 0) await Promise.all(sent);
    },
  };
}
