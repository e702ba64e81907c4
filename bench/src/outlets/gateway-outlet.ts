import { setTimeout as delay } from "node:timers/promises";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import { exportsOf, type Outlet } from "./outlet.ts";

export interface GatewayOutletOptions {
  /** Of the gateway, without a path. */
  readonly url: string;
  /** The API key of each project. */
  readonly keys: ReadonlyMap<string, string>;
  readonly json: boolean;
}

/** Sends OTLP over HTTP, as an SDK's exporter does. */
export function createGatewayOutlet({ url, keys, json }: GatewayOutletOptions): Outlet {
  const address = new URL("/v1/traces", url);

  async function post(key: string, body: Uint8Array | string): Promise<void> {
    for (;;) {
      const response = await fetch(address, {
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": json ? "application/json" : "application/x-protobuf",
        },
        body: typeof body === "string" ? body : new Uint8Array(body),
      });
      const answer = new Uint8Array(await response.arrayBuffer());
      // An empty success; anything in it is a partial one.
      if (response.ok && (json ? new TextDecoder().decode(answer) === "{}" : answer.length === 0)) return;
      if (response.status !== 429 && response.status !== 503) {
        throw new Error(`${address} answered ${response.status}: ${new TextDecoder().decode(answer).slice(0, 500)}`);
      }
      await delay(Number(response.headers.get("retry-after") ?? 1) * 1000);
    }
  }

  return {
    async send(deliveries) {
      await Promise.all(
        exportsOf(deliveries).map(({ project, request }) =>
          post(keys.get(project)!, json ? encodeJson(request) : encodeTraces(request)),
        ),
      );
    },
    close: () => Promise.resolve(),
  };
}
