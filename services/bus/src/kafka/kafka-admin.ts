import type { Admin } from "kafkajs";
import { createKafkaClient, type KafkaConnection } from "./kafka-client.ts";
import { createKafkaSockets } from "./kafka-sockets.ts";

/** An admin connection that is opened when first used and again after a failure. */
export interface KafkaAdmin {
  use<T>(work: (admin: Admin) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createKafkaAdmin(connection: KafkaConnection): KafkaAdmin {
  let current: ReturnType<typeof connect> | undefined;

  function connect() {
    const sockets = createKafkaSockets();
    const admin = createKafkaClient(connection, sockets.open).admin();
    const connected = admin.connect();
    return {
      admin: connected.then(() => admin),
      async close() {
        await connected.then(() => admin.disconnect()).catch(() => {});
        sockets.close();
      },
    };
  }

  async function close(): Promise<void> {
    const closing = current;
    current = undefined;
    await closing?.close();
  }

  return {
    async use(work) {
      current ??= connect();
      const mine = current;
      try {
        return await work(await mine.admin);
      } catch (error) {
        if (mine === current) void close();
        throw error;
      }
    },
    close,
  };
}
