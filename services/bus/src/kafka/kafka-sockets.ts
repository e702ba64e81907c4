import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ISocketFactory } from "kafkajs";

/**
 * The sockets of one client. kafkajs opens a connection whenever a request needs one: also behind its own disconnect, for a
 * request that it is repeating then; and it forgets a broker's second connection when the first was lost. Nobody would
 * ever close those, and each keeps its process alive until the broker tires of it, after ten minutes.
 */
export interface KafkaSockets {
  readonly open: ISocketFactory;
  /** Ends what the client's disconnect left open, and opens no more. */
  close(): void;
}

const keepAliveMs = 60_000;

export function createKafkaSockets(): KafkaSockets {
  const sockets = new Set<Socket>();
  let closed = false;
  return {
    open({ host, port, ssl, onConnect }) {
      if (closed) throw new Error("the client is closed");
      const socket = ssl
        ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
        : connect({ host, port }, onConnect);
      sockets.add(socket.setKeepAlive(true, keepAliveMs));
      return socket.once("close", () => sockets.delete(socket));
    },
    close() {
      closed = true;
      // One that is being ended in order holds nobody; with an error kafkajs hears of the end of the others.
      for (const socket of sockets) if (!socket.writableEnded) socket.destroy(new Error("the client is closed"));
    },
  };
}
