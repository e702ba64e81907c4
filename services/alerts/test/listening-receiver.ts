import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Notification } from "../src/notifications/notification.ts";

export const secret = "a secret of the test";

export interface Received {
  readonly id: string;
  readonly signed: boolean;
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: receivers get JSON
  readonly body: any;
}

/** A webhook's other end, on this machine. */
export interface ListeningReceiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Notifications of the template `spanhouse`, each once: repeated ids are left out, as receivers do. */
  told(): readonly Notification[];
  /** What it answers from now on. */
  answer(status: number): void;
  close(): Promise<void>;
}

/** `now`: of the sender, Unix s. */
export async function startReceiver(now: () => number): Promise<ListeningReceiver> {
  const received: Received[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const timestamp = String(request.headers["spanhouse-timestamp"] ?? "");
    const expected = `v1=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
    if (status < 300) {
      received.push({
        id: String(request.headers["spanhouse-notification-id"] ?? ""),
        signed: request.headers["spanhouse-signature"] === expected && Math.abs(now() - Number(timestamp)) < 60,
        path: request.url ?? "",
        body: JSON.parse(body),
      });
    }
    response.writeHead(status).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/hook`,
    received,
    told() {
      const seen = new Map(received.map(({ id, body }) => [id, body as Notification]));
      return [...seen.values()];
    },
    answer(next) {
      status = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
