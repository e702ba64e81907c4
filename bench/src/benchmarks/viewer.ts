import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";
import { findChromium } from "../../../infra/dev/chromium/find-chromium.mjs";
import type { Benchmark } from "./benchmark.ts";
import { hugeTrace } from "./huge-trace.ts";
import { median, percentile, rendererTasks } from "./renderer-tasks.ts";

/** How the viewer takes a trace of any size, in a real Chromium before the built standalone. */
export const viewer: Benchmark = {
  name: "viewer",
  summary: "A huge trace in the viewer: until its first row, while it is scrolled, and the memory that it takes.",
  options: { spans: 100_000, rounds: 5, seconds: 10 },
  async run({ spans = 100_000, rounds = 5, seconds = 10 }, tell) {
    const dataDir = await mkdtemp(join(tmpdir(), "spanhouse-bench-viewer-"));
    const standalone = startStandalone(dataDir);
    let browser: Browser | undefined;
    try {
      const { loginUrl, gatewayUrl, apiKey } = await standalone.addresses;
      tell(`sending a trace of ${spans} spans`);
      const traceId = await hugeTrace({ spans, gatewayUrl, apiKey });
      const { executablePath, env } = findChromium();
      browser = await chromium.launch({
        executablePath,
        args: ["--no-sandbox", "--disable-dev-shm-usage"],
        // Chromium from npm needs its own libraries named; the machine's takes this process's environment.
        ...(Object.keys(env).length > 0 ? { env: { ...env, HOME: dataDir } } : {}),
      });
      const measured: Awaited<ReturnType<typeof openAndScroll>>[] = [];
      for (let round = 1; round <= rounds; round++) {
        const one = await openAndScroll(browser, loginUrl, traceId, { spans, seconds });
        tell(`round ${round}: ${JSON.stringify(one)}`);
        measured.push(one);
      }
      const figure = (name: string, key: keyof (typeof measured)[number], unit: string, target: number) => {
        const value = median(measured.map((one) => one[key]));
        return { name, value, unit, target, ok: value <= target };
      };
      return {
        figures: [
          figure("first row", "firstRowMs", "ms", 2_500),
          figure("scrolling: p95 of tasks of 1 ms and more", "taskP95Ms", "ms", 16),
          figure("scrolling: longest task", "taskMaxMs", "ms", 50),
          figure("heap with all spans", "heapMb", "MB", 400),
          {
            name: "all spans there",
            value: median(measured.map((one) => one.allMs)),
            unit: "ms",
            target: null,
            ok: true,
          },
        ],
        versions: { chromium: browser.version(), spans: String(spans) },
      };
    } finally {
      await browser?.close();
      await standalone.stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  },
};

function startStandalone(dataDir: string) {
  const program = fileURLToPath(new URL("../../../services/standalone/dist/main.js", import.meta.url));
  const child = spawn(process.execPath, [program, "start", "--data", dataDir], {
    env: { SPANHOUSE_GATEWAY_PORT: "0", SPANHOUSE_GATEWAY_GRPC_PORT: "0", SPANHOUSE_QUERY_PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let said = "";
  const addresses = new Promise<{ loginUrl: string; gatewayUrl: string; apiKey: string }>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const [, loginUrl] = /Viewer +(http:\S+)\n/.exec(said) ?? [];
      const [, gatewayUrl] = /OTLP\/HTTP +(http:\S+)\/v1\/traces/.exec(said) ?? [];
      const [, apiKey] = /API key +(\S+)\n/.exec(said) ?? [];
      if (loginUrl && gatewayUrl && apiKey) resolve({ loginUrl, gatewayUrl, apiKey });
    });
    void ended.then(() => reject(new Error(`standalone ended before it was ready: ${said}`)));
  });
  return {
    addresses,
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}

interface Asked {
  readonly spans: number;
  readonly seconds: number;
}

async function openAndScroll(browser: Browser, loginUrl: string, traceId: string, { spans, seconds }: Asked) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    const { origin } = new URL(loginUrl);
    await page.goto(loginUrl);
    await page.waitForURL(`${origin}/`);
    await page.goto(`${origin}/traces/${traceId}`, { waitUntil: "commit" });
    const first = await page.waitForSelector(".line").then(() => now(page));
    await page.waitForSelector(`.tree[aria-rowcount="${spans + 1}"]`, { timeout: 120_000 });
    const all = await now(page);
    const cdp = await context.newCDPSession(page);
    const heapMb = await heapOf(cdp);
    await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "__metadata"] });
    await scroll(page, seconds);
    const tasks = rendererTasks(await browser.stopTracing());
    return {
      firstRowMs: first,
      allMs: all,
      heapMb,
      taskP95Ms: percentile(tasks, 0.95),
      taskMaxMs: Math.max(...tasks),
    };
  } finally {
    await context.close();
  }
}

/** ms since the navigation began. */
const now = (page: Page) => page.evaluate(() => performance.now());

async function heapOf(cdp: CDPSession): Promise<number> {
  await cdp.send("Performance.enable");
  const { metrics } = await cdp.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? Number.NaN) / 1024 ** 2;
}

/** Down and up again, three lines a frame. A program of the page's: it has what this one has not. */
async function scroll(page: Page, seconds: number): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const tree = document.querySelector(".tree");
    const start = performance.now();
    requestAnimationFrame(function frame() {
      const share = (performance.now() - start) / ${seconds * 1000};
      if (share > 1) resolve();
      else {
        tree.scrollTop += share < 0.5 ? 84 : -84;
        requestAnimationFrame(frame);
      }
    });
  })`);
}
