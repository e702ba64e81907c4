import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type StatementName, statementOf } from "./statements.ts";
import { patienceMs } from "./until.ts";

/**
 * When a statement is stopped: before anything of it is sent on; with half of its rows sent; all sent, not answered;
 * answered by ClickHouse, and the client has not heard it.
 */
export type Moment = "before" | "half sent" | "running" | "answered";

/**
 * What becomes of a stopped statement: it goes its way, or is gone with its connection, or its connection stays open and
 * nothing is ever heard on it again, as when the other end lost its power: what had been sent of it goes its way.
 */
export type Fate = "go on" | "drop" | "silence";

export interface Trap {
  readonly statement: StatementName;
  readonly moment: Moment;
  /** Another statement of the same flush that must have been answered first. */
  readonly after?: StatementName;
  /** The statement waits for it. `hangUp` cuts the client's connection; the statement may arrive all the same. */
  readonly spring: (hangUp: () => void) => Promise<Fate>;
}

/** Between one consumer and ClickHouse. */
export interface StoreProxy {
  readonly url: string;
  /** The next statement that fits falls into it, once. */
  arm(trap: Trap): void;
  disarm(): void;
  /** Resolves when ClickHouse has answered the next statement of this name; rejects when none comes for minutes. */
  answered(statement: StatementName): Promise<void>;
  /** Resolves when ClickHouse has refused the next statement that it was asked; rejects when none is for minutes. */
  refused(): Promise<void>;
  /** Whoever asks for the server's clock is told a time so many seconds later. */
  stepClock(seconds: number): void;
  /** Resolves when everything that was sent on has been answered or has failed. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** What makes a consumer a wrong one; whoever judges the store must notice. */
export interface Control {
  /** Acknowledged, and never sent on. */
  readonly swallows?: StatementName;
  /** Said to ClickHouse in place of what the consumer says. */
  readonly says?: Partial<Readonly<Record<StatementName, (sql: string) => string>>>;
}

export async function createStoreProxy(target: string, { swallows, says }: Control = {}): Promise<StoreProxy> {
  const events = new EventEmitter().setMaxListeners(0);
  const underWay = new Set<Promise<void>>();
  /** Statements answered since the flush in hand began, which it does with its buckets. */
  let answeredInFlush = new Set<StatementName>();
  let trap: Trap | undefined;
  let clockStep = 0;

  const server = createServer((request, response) => {
    const handled = handle(request, response)
      // The client or ClickHouse is gone: the other side sees its connection end, as without a proxy.
      .catch(() => void response.destroy())
      .finally(() => underWay.delete(handled));
    underWay.add(handled);
  });
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await buffer(request);
    const statement = statementOf(request.url ?? "/", sent);
    const body = reworded(sent, statement);
    if (statement === "buckets") answeredInFlush = new Set();
    if (statement !== undefined && statement === swallows) return void response.end();
    const caught = takeTrap(statement);
    let silent = false;
    const stop = async (moment: Moment): Promise<boolean> => {
      if (caught?.moment !== moment) return true;
      if (caught.after !== undefined) await inFlush(caught.after);
      const fate = await caught.spring(() => response.destroy());
      if (fate === "drop") response.destroy();
      if (fate === "silence") silent = true;
      return fate === "go on";
    };

    if (!(await stop("before"))) return;
    const upstream = send(new URL(request.url ?? "/", target), {
      method: request.method ?? "POST",
      headers: {
        ...request.headers,
        host: new URL(target).host,
        ...(body !== sent && { "content-length": body.length }),
      },
    });
    const answer = once(upstream, "response") as Promise<[IncomingMessage]>;
    answer.catch(() => undefined);
    const half = body.length >> 1;
    if (caught?.moment === "half sent") {
      await new Promise((sent) => upstream.write(body.subarray(0, half), sent));
      if (!(await stop("half sent"))) {
        if (silent) response.once("close", () => upstream.destroy());
        else upstream.destroy();
        return;
      }
      upstream.end(body.subarray(half));
    } else {
      upstream.end(body);
    }
    if (caught?.moment === "running") {
      await new Promise<void>((sent) => (upstream.writableFinished ? sent() : upstream.once("finish", () => sent())));
      await stop("running");
    }
    const [answered] = await answer;
    const text = await buffer(answered);
    if (statement !== undefined && answered.statusCode === 200) {
      answeredInFlush.add(statement);
      events.emit(statement);
    }
    if (answered.statusCode !== 200) events.emit("refused");
    await stop("answered");
    if (silent || response.destroyed) return;
    const { "transfer-encoding": _, ...headers } = answered.headers;
    response.writeHead(answered.statusCode ?? 502, { ...headers, "content-length": text.length }).end(text);
  }

  function reworded(sent: Buffer, statement: StatementName | undefined): Buffer {
    const wording = statement && says?.[statement];
    if (wording) return Buffer.from(wording(sent.toString()));
    if (statement !== "clock" || clockStep === 0) return sent;
    return Buffer.from(sent.toString().replace("now()", `(now() + ${clockStep})`));
  }

  function takeTrap(statement: StatementName | undefined): Trap | undefined {
    if (statement === undefined || trap?.statement !== statement) return undefined;
    const taken = trap;
    trap = undefined;
    return taken;
  }

  async function inFlush(statement: StatementName): Promise<void> {
    while (!answeredInFlush.has(statement)) await once(events, statement);
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arm(next) {
      trap = next;
    },
    disarm() {
      trap = undefined;
    },
    async answered(statement) {
      await once(events, statement, { signal: AbortSignal.timeout(patienceMs) });
    },
    async refused() {
      await once(events, "refused", { signal: AbortSignal.timeout(patienceMs) });
    },
    stepClock(seconds) {
      clockStep = seconds;
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.all(underWay);
    },
  };
}
