import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** Between everybody and one TCP server. */
export interface TcpProxy {
  readonly port: number;
  /** Cuts the connections there are, and returns how many. */
  cut(): number;
  /**
   * From now on nothing is heard on the connections there are, in either direction, and neither end is told: as when a
   * machine between them has lost its power. New ones work. Returns how many.
   */
  silence(): number;
  /** Every piece of data takes so long from now on, ms. */
  slow(ms: number): void;
  /** Refuses connections, as an address does where nobody listens, and cuts those there are. */
  refuse(): Promise<void>;
  /** Takes connections again, at the same port. */
  accept(): Promise<void>;
  close(): void;
}

/** `targetPort` of this machine. */
export async function createTcpProxy(targetPort: number): Promise<TcpProxy> {
  const open = new Set<{ readonly ends: readonly Socket[]; silent: boolean }>();
  let delayMs = 0;

  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    const connection = { ends: [client, target], silent: false };
    open.add(connection);
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      // Pieces keep their order: each waits for the one before.
      let before: Promise<unknown> = Promise.resolve();
      from.setNoDelay(true).on("data", (data) => {
        if (connection.silent) return;
        if (delayMs > 0) before = before.then(() => delay(delayMs));
        before = before.then(() => connection.silent || to.destroyed || to.write(data));
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        open.delete(connection);
        if (!connection.silent) void before.then(() => to.destroy());
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  function cut(): number {
    const cut = [...open];
    for (const { ends } of cut) for (const end of ends) end.destroy();
    return cut.length;
  }

  return {
    port,
    cut,
    async refuse() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
    async accept() {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    silence() {
      for (const connection of open) connection.silent = true;
      return open.size;
    },
    slow(ms) {
      delayMs = ms;
    },
    close() {
      server.close();
      cut();
    },
  };
}
