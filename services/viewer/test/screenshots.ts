import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { startProviderSimulator } from "../../../sdk/conformance/src/provider-simulator.ts";
import { spanIdOf, traceIdOf } from "./support/otlp.ts";
import { greetAndReplay } from "./support/replayed.ts";
import { answeredFromDocuments, refused, searchedTenTimes } from "./support/stories.ts";
import { startViewer } from "./support/viewer-run.ts";

/** Pictures of every view for docs/images, of a day of stories in a fresh installation: `npm run screenshots`. */
const folder = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
mkdirSync(folder, { recursive: true });
const minute = 60_000;

/** A day with a quiet night, a busy afternoon, and an hour in which the retries began. */
function day(now: number) {
  const users = ["user-bram", "user-lena", "user-okoro", "user-yuki", "user-ines", "user-tomas"];
  return Array.from({ length: 46 * 6 }, (_, at) => {
    const start = now - (at * 10 + 3) * minute;
    const hour = new Date(start).getUTCHours();
    const busy = 1 + Math.round(2 * Math.max(0, Math.sin(((hour - 5) / 24) * 2 * Math.PI)));
    return Array.from({ length: busy }, (_, nth) => {
      const key = `day-${at}-${nth}`;
      const user = users[(at * 5 + nth * 3) % users.length]!;
      const when = start + nth * 97_000;
      const dice = (at * 7 + nth * 13) % 20;
      if (dice < 3) return refused(key, when, user);
      return dice < 12 ? answeredFromDocuments(key, when, user) : searchedTenTimes(key, when, user);
    });
  }).flat();
}

const endpoint = await startProviderSimulator();
const viewer = await startViewer({
  SPANHOUSE_REPLAY_MODEL_URL: `${endpoint.url}/v1`,
  SPANHOUSE_REPLAY_MODEL_KEY: "sk",
});
try {
  const now = Date.now();
  await viewer.send([...day(now), searchedTenTimes("shown", now - 2 * minute, "user-bram")]);
  // Two rolls of the rollups.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const shown = traceIdOf("shown");
  const [retried, plan] = [spanIdOf("shown", "0.13"), spanIdOf("shown", "0.0")];
  const searchedToo = day(now).find(({ root }) => (root.below?.length ?? 0) > 10);
  const other = traceIdOf(searchedToo?.key ?? "");
  const unlike = traceIdOf(day(now).find(({ root }) => (root.below?.length ?? 0) < 10)?.key ?? "");
  const { traceId: recorded, replayId } = await greetAndReplay(viewer, endpoint.url);
  const pictures: readonly (readonly [name: string, path: string, ready: string])[] = [
    ["overview", "/", ".movers tbody tr"],
    ["traces", "/traces", "[data-line]"],
    ["conversations", "/conversations", "[data-line]"],
    ["users", "/users", "[data-line]"],
    ["trace", `/traces/${shown}`, "[role=row] >> nth=5"],
    ["span", `/traces/${shown}?span=${retried}`, ".message-answer"],
    ["bytes", `/traces/${shown}?span=${plan}&tab=bytes`, ".code"],
    ["attributes", `/traces/${shown}?span=${retried}&tab=attributes`, ".attributes"],
    ["difference", `/traces/${shown}?span=${retried}&tab=difference&with=${other}`, ".difference-facts"],
    ["again", `/traces/${shown}?span=${plan}&tab=again`, ".again-form"],
    ["diagnosis", `/traces/${shown}?diagnosis=open`, ".diagnosis-list"],
    ["compare", `/traces/${shown}/compare/${unlike}`, ".compare-rows"],
    ["replay", `/traces/${recorded}/compare/${replayId}`, ".compare-output .code"],
    ["settings", "/settings", ".settings"],
  ];
  const take = async (suffix: string, options: BrowserContextOptions, names?: readonly string[]) => {
    const page = await viewer.page({ reducedMotion: "reduce", ...options });
    for (const [name, path, ready] of pictures) {
      if (names && !names.includes(name)) continue;
      await page.goto(viewer.url + path);
      await page.locator(ready).first().waitFor();
      if (name === "again") await askAgain(page);
      await settle(page);
      await page.screenshot({ path: `${folder}${name}${suffix}.png` });
    }
    await page.context().close();
  };
  await take("", { colorScheme: "light" });
  await take("-dark", { colorScheme: "dark" }, ["overview", "traces", "span", "again"]);
  await take("-narrow", { colorScheme: "light", viewport: { width: 360, height: 740 } }, [
    "overview",
    "traces",
    "trace",
    "span",
    "again",
  ]);
  const login = await viewer.page({
    storageState: { cookies: [], origins: [] },
    viewport: { width: 900, height: 560 },
  });
  await login.goto(`${viewer.url}/login`);
  await login.screenshot({ path: `${folder}login.png` });
} finally {
  await Promise.all([viewer.stop(), endpoint.stop()]);
}

async function askAgain(page: Page): Promise<void> {
  const [answer] = await page.getByRole("textbox", { name: /^user/ }).all();
  await answer!.fill("What does the customer need first? [[say Say which order it is, then look at its payments.]]");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByRole("region", { name: "New answer" }).waitFor();
}

async function settle(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
}
