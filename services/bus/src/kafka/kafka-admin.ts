import type { Admin, Kafka } from "kafkajs";

/** An admin connection that is opened when first used and again after a failure. */
export interface KafkaAdmin {
  use<T>(work: (admin: Admin) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createKafkaAdmin(kafka: Kafka): KafkaAdmin {
  let connecting: Promise<Admin> | undefined;

  async function connect(): Promise<Admin> {
    const admin = kafka.admin();
    await admin.connect();
    return admin;
  }

  async function close(): Promise<void> {
    const open = connecting;
    connecting = undefined;
    await open?.then((admin) => admin.disconnect()).catch(() => {});
  }

  return {
    async use(work) {
      connecting ??= connect();
      const mine = connecting;
      try {
        return await work(await mine);
      } catch (error) {
        if (mine === connecting) void close();
        throw error;
      }
    },
    close,
  };
}
