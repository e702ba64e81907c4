import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import { toModel } from "@spanhouse/schemas/otlp/to-model";
import type { Case } from "../../src/replay/case-file.ts";
import { caseOfSpans } from "../../src/replay/case-of-spans.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Where both languages' programs lie, and how each is started; Python's SDK from its source. */
export const programs = {
  TypeScript: (name: string) => [process.execPath, path(`programs/${name}.mjs`)],
  Python: (name: string) => [path("../../../../sdk/python/.venv/bin/python"), path(`programs/${name}.py`)],
} as const;
export type Language = keyof typeof programs;

export const programEnvironment = {
  PATH: process.env.PATH ?? "",
  PYTHONPATH: path("../../../../sdk/python/src"),
  PYTHONDONTWRITEBYTECODE: "1",
};

/** Nobody answers at a port of 0, and there is no key: what goes out fails. */
export const noNetwork = {
  ...programEnvironment,
  OPENAI_BASE_URL: "http://127.0.0.1:0/v1",
  OPENAI_API_KEY: "",
  ANTHROPIC_BASE_URL: "http://127.0.0.1:0",
  GOOGLE_GEMINI_BASE_URL: "http://127.0.0.1:0",
};

/** A program as in production, with a key and at the provider's address. */
export async function runLive(
  command: readonly string[],
  provider: string,
  spans: { readonly url: string; readonly apiKey: string },
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: "inherit",
    env: {
      ...programEnvironment,
      OPENAI_API_KEY: "sk-conformance-0001",
      OPENAI_BASE_URL: `${provider}/v1`,
      ANTHROPIC_API_KEY: "sk-conformance-0001",
      ANTHROPIC_BASE_URL: provider,
      GEMINI_API_KEY: "conformance-0001",
      GOOGLE_GEMINI_BASE_URL: provider,
      SPANHOUSE_URL: spans.url,
      SPANHOUSE_API_KEY: spans.apiKey,
      ...more,
    },
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}`);
}

/** What a program's SDK sends of it, as a case. */
export async function recordCase(
  command: readonly string[],
  provider: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Case> {
  const requests: ExportTraceServiceRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const decoded = decodeTraces(Buffer.concat(chunks));
      if (decoded.kind === "decoded") requests.push(toModel(decoded.traces));
      response.writeHead(decoded.kind === "decoded" ? 200 : 400).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await runLive(command, provider, { url, apiKey: "" }, more);
    return caseOfSpans(requests).case;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
