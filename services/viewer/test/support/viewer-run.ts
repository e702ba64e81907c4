import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findChromium } from "../../../../infra/dev/chromium/find-chromium.mjs";
import { type BuiltProcess, spanhouse } from "../../../standalone/test/built-process.ts";
import { type AlertEvent, createAlertEvents } from "../../../store/src/alerts/alert-events.ts";
import { createClickHouse } from "../../../store/src/clickhouse.ts";
import { otlpRequest, type ToldTrace } from "./otlp.ts";

/** The built product with a browser before it. */
export interface ViewerRun {
  /** Origin of the viewer. */
  readonly url: string;
  readonly gatewayUrl: string;
  readonly dataDir: string;
  readonly apiKey: string;
  /** The address that is printed for people. */
  readonly loginUrl: string;
  send(traces: readonly ToldTrace[]): Promise<void>;
  /** As the alert service records that an alert fired. */
  fire(event: AlertEvent): Promise<void>;
  /** The API's answer, as text. */
  ask(path: string): Promise<string>;
  /** A page that is logged in by a key of scope admin. */
  adminPage(options?: BrowserContextOptions): Promise<Page>;
  /** A page that is logged in; what went wrong in it is in `faults`. */
  page(options?: BrowserContextOptions): Promise<Page>;
  /** Errors of pages, refusals by the content security policy, and requests to anybody else. */
  readonly faults: string[];
  stop(): Promise<void>;
}

/** `settings` are environment variables of the server. */
export async function startViewer(settings: Readonly<Record<string, string>> = {}): Promise<ViewerRun> {
  const dataDir = mkdtempSync(join(tmpdir(), "spanhouse-viewer-"));
  const anyPort = { SPANHOUSE_GATEWAY_PORT: "0", SPANHOUSE_GATEWAY_GRPC_PORT: "0", SPANHOUSE_QUERY_PORT: "0" };
  const server = spanhouse(["start", "--data", dataDir], { ...anyPort, ...settings });
  const { executablePath, env } = findChromium();
  const launched = chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    env: { ...(process.env as Record<string, string>), ...env },
  });
  try {
    const [, loginUrl = ""] = await server.says(/Viewer +(http:\S+)\n/);
    const [, gatewayUrl = ""] = await server.says(/OTLP\/HTTP +(http:\S+)\/v1\/traces/);
    const [, apiKey = ""] = await server.says(/API key +(\S+)\n/);
    return viewerRun({ server, browser: await launched, dataDir, loginUrl, gatewayUrl, apiKey });
  } catch (error) {
    server.signalGroup("SIGKILL");
    await (await launched.catch(() => undefined))?.close();
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }
}

interface Parts {
  readonly server: BuiltProcess;
  readonly browser: Browser;
  readonly dataDir: string;
  readonly loginUrl: string;
  readonly gatewayUrl: string;
  readonly apiKey: string;
}

function viewerRun({ server, browser, dataDir, loginUrl, gatewayUrl, apiKey }: Parts): ViewerRun {
  const { origin: url } = new URL(loginUrl);
  const faults: string[] = [];
  let adminKey: string | undefined;
  let session: Awaited<ReturnType<BrowserContext["storageState"]>> | undefined;

  function watch(page: Page): void {
    page.on("pageerror", (error) => faults.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) faults.push(`${page.url()}: ${message.text()}`);
    });
    page.on("dialog", (dialog) => {
      faults.push(`${page.url()}: a dialog said ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      const asked = new URL(request.url());
      if (asked.origin !== url && !/^(data|blob):/.test(asked.protocol))
        faults.push(`${page.url()} asked ${request.url()}`);
    });
  }

  return {
    ...{ url, gatewayUrl, dataDir, apiKey, loginUrl, faults },
    async send(traces) {
      for (const trace of traces) {
        const response = await fetch(`${gatewayUrl}/v1/traces`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
          body: JSON.stringify(otlpRequest(trace)),
        });
        const said = await response.text();
        if (said !== "{}") throw new Error(`the gateway answered ${response.status} ${said}`);
      }
    },
    async fire(event) {
      const store = createClickHouse(JSON.parse(readFileSync(join(dataDir, "running.json"), "utf8")).clickhouse);
      await createAlertEvents(store).append([event]);
      await store.close();
    },
    async ask(path) {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${apiKey}` } });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.text();
    },
    async page(options = {}) {
      if (session === undefined) {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(loginUrl);
        await page.waitForURL(`${url}/`);
        session = await context.storageState();
        await context.close();
      }
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        storageState: session,
        ...options,
      });
      const page = await context.newPage();
      watch(page);
      return page;
    },
    async adminPage(options = {}) {
      if (adminKey === undefined) {
        const made = spanhouse(["keys", "create", "--scope", "read,admin", "--label", "admin", "--data", dataDir]);
        if ((await made.ended) !== 0) throw new Error(made.output());
        adminKey = (JSON.parse(made.stdout()) as { key: string }).key;
      }
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      const page = await context.newPage();
      watch(page);
      await page.goto(`${url}/login#key=${adminKey}`);
      await page.waitForURL(`${url}/`);
      return page;
    },
    async stop() {
      await browser.close();
      server.signalGroup("SIGINT");
      await server.ended;
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
