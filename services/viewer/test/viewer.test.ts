import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type ProviderSimulator, startProviderSimulator } from "../../../sdk/conformance/src/provider-simulator.ts";
import { spanIdOf, traceIdOf } from "./support/otlp.ts";
import { greetAndReplay } from "./support/replayed.ts";
import {
  answeredFromDocuments,
  hostile,
  hostileTexts,
  refusalsAlert,
  refused,
  running,
  searchedTenTimes,
} from "./support/stories.ts";
import { startViewer, type ViewerRun } from "./support/viewer-run.ts";

let viewer: ViewerRun;
/** The operator's endpoint for calls that are asked again. */
let endpoint: ProviderSimulator;
const minute = 60_000;
const patience = { timeout: 15_000 };

const searched = traceIdOf("searched");
const [plan, slowSearch] = [spanIdOf("searched", "0.0"), spanIdOf("searched", "0.8")];

beforeAll(async () => {
  endpoint = await startProviderSimulator();
  viewer = await startViewer({
    SPANHOUSE_REPLAY_MODEL_URL: `${endpoint.url}/v1`,
    SPANHOUSE_REPLAY_MODEL_KEY: "sk-operator-0001",
    SPANHOUSE_REPLAY_BUDGET: "0.5",
  });
  const now = Date.now();
  await viewer.send([
    searchedTenTimes("searched", now - 3 * minute, "user-bram"),
    searchedTenTimes("earlier", now - 9 * minute, "user-lena"),
    refused("refused", now - 5 * minute, "user-lena"),
    answeredFromDocuments("documents", now - 4 * minute, "user-okoro"),
    running("running", now - 20_000, "user-yuki"),
    hostile("hostile", now - 2 * minute),
  ]);
  await viewer.fire(refusalsAlert("refusals", now - 4 * minute));
  // Until the rollups have caught up.
  await vi.waitFor(async () => expect(await viewer.ask("/v1/metrics?measures=calls")).toMatch(/"calls":[1-9]/), {
    timeout: 20_000,
  });
});

afterEach(() => expect(viewer.faults.splice(0)).toEqual([]));
afterAll(() => Promise.all([viewer?.stop(), endpoint?.stop()]));

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { name, level: 1 }).waitFor();

test("the printed address logs in, and leaves no key behind; a wrong key is told so", async () => {
  const page = await viewer.page({ storageState: { cookies: [], origins: [] } });
  await page.goto(`${viewer.url}/traces?user=user-bram`);
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByLabel("API key").fill("sh_ir_wrong");
  await page.keyboard.press("Enter");
  await page.getByText("KEY_UNKNOWN").waitFor();
  await page.getByLabel("API key").fill(viewer.apiKey);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${viewer.url}/traces?user=user-bram`);
  await page.getByRole("link", { name: "invoke_agent support-agent" }).waitFor();

  await page.context().clearCookies();
  await page.goto("about:blank");
  await page.goto(viewer.loginUrl);
  await page.waitForURL(`${viewer.url}/`);
  await heading(page, "Overview");
  const kept = await page.evaluate(() => JSON.stringify([location.href, { ...localStorage }, document.cookie]));
  expect(kept).not.toContain(viewer.apiKey);
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(6);
  await page.context().close();
});

test("by keys alone: filter by user, open the trace, find the repeated and slow span, read the exact prompt", async () => {
  const page = await viewer.page();
  await page.goto(viewer.url);
  await heading(page, "Overview");
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press("g", "t");
  await heading(page, "Traces");
  await press("/");
  await page.keyboard.type("bram");
  await page.getByRole("option", { name: /user:user-bram/ }).waitFor();
  const options = await page.getByRole("option").allTextContents();
  for (let at = options.findIndex((text) => text.startsWith("user:user-bram")); at > 0; at--) await press("ArrowDown");
  await press("Enter");
  await page.waitForURL(/user=user-bram/);
  await expect.poll(() => page.locator("[data-line]").count(), patience).toBe(1);
  await press("Escape", "j", "Enter");
  await page.waitForURL(new RegExp(`/traces/${searched}$`));

  // The ten searches are one line that says so, and how long they took.
  const group = page.getByRole("row", { name: /search_articles ×10/ });
  await group.waitFor();
  expect(await group.getAttribute("aria-expanded")).toBe("false");
  await press("/");
  await page.keyboard.type("search_articles");
  await page.getByText("10 found").waitFor();
  await press("Escape", "n");
  expect(await group.getAttribute("aria-expanded")).toBe("true");
  const slow = page.getByRole("row", { name: /1\.87 s/ });
  while ((await slow.getAttribute("aria-selected")) !== "true") await press("j");
  await press("Enter");
  await page.waitForURL(new RegExp(`span=${slowSearch}`));
  await page.getByText('{"query":"damaged on arrival"}').first().waitFor();

  // Up to the call that asked for them, and its bytes.
  await press("Escape", "h", "h");
  const asked = page.getByRole("row", { name: /chat gpt-4\.1 gpt-4\.1-2025/ }).first();
  while ((await asked.getAttribute("aria-selected")) !== "true") await press("k");
  await press("b");
  await page.waitForURL(new RegExp(`span=${plan}.*tab=bytes|tab=bytes.*span=${plan}`));
  const exact = await viewer.ask(`/v1/traces/${searched}/spans/${plan}/request`);
  await expect
    .poll(
      () => page.locator(".code").evaluate((host) => host.shadowRoot?.querySelector(".cm-content")?.textContent),
      patience,
    )
    .toBe(exact);
  await press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await press("Escape");
  await page.context().close();
});

test("a trace tells what is counted, what is missing and what repeats; a span its chat, price and copies", async () => {
  const page = await viewer.page({ permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(`${viewer.url}/traces/${searched}`);
  await page.getByText("no span: a tool that is not traced?").waitFor();
  await page.getByText("waited before the next try").waitFor();
  await page.getByRole("button", { name: /Repeated ×10/ }).click();
  expect(await page.getByRole("row", { name: /×10/ }).getAttribute("aria-selected")).toBe("true");
  await page.getByRole("button", { name: /^Error/ }).click();
  await page.getByText("429 Rate limit reached").first().waitFor();

  await page.goto(`${viewer.url}/traces/${searched}?span=${plan}`);
  await page.getByRole("listitem").filter({ hasText: "Look up the order before you answer." }).waitFor();
  await page.getByRole("button", { name: "lookup_order" }).waitFor();
  await page.getByRole("button", { name: "curl" }).click();
  await page.getByText("Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain("curl https://api.openai.com/v1/chat/completions");
  expect(copied).toContain('"model": "gpt-4.1"');

  await page.goto(`${viewer.url}/traces/${searched}?span=${spanIdOf("searched", "0.13")}`);
  await page.getByText("2 messages as in the call before").waitFor();
  await page.getByText("warranty case").first().waitFor();

  await page.goto(`${viewer.url}/traces/${traceIdOf("documents")}`);
  await page.getByRole("row", { name: /chain answer.*not counted/ }).waitFor();
  await page.goto(`${viewer.url}/traces/${traceIdOf("documents")}?span=${spanIdOf("documents", "0.0")}`);
  await page.getByText("Seasoned cast iron").waitFor();
  await page.getByText("score 0.910").waitFor();

  // The same span of an earlier trace differs in nothing but whose it is.
  await page.goto(`${viewer.url}/traces/${searched}?span=${plan}&tab=difference&with=${traceIdOf("earlier")}`);
  await page.getByText("the same, word for word").waitFor();
  await page.context().close();
});

test("the diagnosis says what is wrong and leads to the span; the tries of a call lead to each other", async () => {
  const page = await viewer.page();
  await page.goto(`${viewer.url}/traces/${searched}`);
  await page.getByRole("row", { name: /search_articles ×10/ }).waitFor();
  await page.keyboard.press("f");
  const diagnosis = page.getByRole("region", { name: "Diagnosis" });
  await diagnosis.getByRole("listitem").first().waitFor();
  expect(page.url()).toContain("diagnosis=open");
  await diagnosis.getByRole("button", { name: "Ask a model for proposals" }).click();
  await diagnosis.getByText("SUGGESTIONS_OFF").waitFor();
  await diagnosis.getByRole("button", { name: "Show the span" }).first().click();
  await page.waitForURL(/span=[0-9a-f]{16}/);
  await page.keyboard.press("Escape");

  await page.goto(`${viewer.url}/traces/${searched}?span=${spanIdOf("searched", "0.13")}`);
  const tries = page.getByRole("region", { name: "Tries of this call" });
  const others = tries.getByRole("button");
  await others.first().waitFor();
  expect(await others.count()).toBeGreaterThan(1);
  await others.first().click();
  await expect.poll(() => page.url(), patience).not.toContain(spanIdOf("searched", "0.13"));
  await page.context().close();
});

test("two traces are laid on each other, and a line leads to the difference of its span", async () => {
  const page = await viewer.page();
  await page.goto(`${viewer.url}/traces/${searched}?span=${plan}&tab=difference&with=${traceIdOf("documents")}`);
  await page.getByRole("link", { name: "The whole traces side by side" }).click();
  await heading(page, "Two traces");
  await page
    .getByRole("rowheader", { name: /search_articles/ })
    .first()
    .waitFor();
  expect(await page.getByRole("cell", { name: "only the first has it" }).count()).toBeGreaterThan(5);
  await page.getByRole("button", { name: "All spans" }).click();
  await page
    .getByRole("rowheader", { name: /invoke_agent/ })
    .first()
    .waitFor();
  await page.locator(".compare-rows a").first().click();
  await page.waitForURL(/tab=difference/);
  await page.context().close();
});

test("a replay is shown with its verdicts and what came out; it leads to the recording, and that to it", async () => {
  const page = await viewer.page();
  const { traceId, replayId, address } = await greetAndReplay(viewer, endpoint.url);
  expect(new URL(address).origin).toBe(viewer.url);
  await page.goto(address);
  await heading(page, "A recording and its replay");
  await page.getByText("2 spans differ").waitFor();
  const verdict = (span: RegExp) => page.getByRole("row", { name: span }).getByRole("cell").last();
  expect(await verdict(/^chat gpt-4o/).textContent()).toBe("changed prompt");
  expect(await verdict(/^greet/).textContent()).toBe("changed answer");
  await page.getByRole("row", { name: /^cost/ }).waitFor();
  const output = page.getByRole("region", { name: "Final output" });
  await expect
    .poll(() => output.locator(".code").evaluate((host) => host.shadowRoot?.textContent), patience)
    .toContain("Good morning, Ada.");
  expect(await findings(page)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

  await page.goto(`${viewer.url}/traces/${traceId}`);
  await page.getByRole("link", { name: "of it" }).click();
  await page.getByRole("link", { name: "greet" }).click();
  await page.waitForURL(`${viewer.url}/traces/${replayId}`);
  await page.getByRole("link", { name: traceId.slice(0, 8) }).click();
  await page.waitForURL(`${viewer.url}/traces/${traceId}/compare/${replayId}`);
  await page.context().close();
});

test("a call is asked again, edited, beside what was recorded; without an endpoint the page says how", async () => {
  const page = await viewer.page();
  await page.goto(`${viewer.url}/traces/${searched}?span=${plan}`);
  await page.locator(".message-answer").waitFor();
  await page.keyboard.press("r");
  await page.waitForURL(/tab=again/);
  const form = page.getByRole("form", { name: "The call, edited" });
  await form.getByLabel("Model").fill("gpt-4o");
  await form.getByRole("textbox", { name: /^user/ }).first().fill("Be brief. [[say A shorter answer.]]");
  await form.locator("summary").click();
  await form.getByLabel("Parameters and tools, JSON").fill('{"temperature": 0.9');
  await form.getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByText("Parameters: expected a JSON object.").waitFor();
  await form.getByLabel("Parameters and tools, JSON").fill('{"temperature": 0.9}');
  await form.getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByRole("region", { name: "New answer" }).getByText("A shorter answer.").waitFor();
  expect(await page.getByRole("region", { name: "Recorded answer" }).locator(".message").count()).toBe(1);
  const sent = JSON.parse(endpoint.requests().at(-1)!.request);
  expect(sent).toMatchObject({ model: "gpt-4o", temperature: 0.9 });
  expect(sent.stream).toBeUndefined();
  await page.getByRole("button", { name: "Difference of the answers" }).click();
  await page.locator(".again .code").waitFor();
  expect(await findings(page)).toEqual([]);
  expect(await page.content()).not.toContain("sk-operator");

  await page.route("**/v1/replay/model", (route) =>
    route.fulfill({ json: { configured: false, model: null, spent: "0.000000000000", budget: "0.000000000000" } }),
  );
  await page.reload();
  await page.getByText("SPANHOUSE_REPLAY_MODEL_URL").waitFor();
  await page.context().close();
});

test("an admin's session makes a key, sees it once, and revokes it; the overview tells what arrived", async () => {
  const page = await viewer.adminPage();
  const delivery = page.getByRole("region", { name: "Delivery" });
  await expect.poll(() => delivery.textContent(), patience).toMatch(/Stored after.*p95.*Lost.*Dead letters *0/);
  await page.goto(`${viewer.url}/settings`);
  await page.getByLabel("Label").fill("from the page");
  await page.getByLabel("read").check();
  await page.getByRole("button", { name: "Make a key" }).click();
  const made = (await page.getByRole("status").locator("code").textContent())!;
  expect(made).toMatch(/^sh_/);
  const ask = async () =>
    (await fetch(`${viewer.url}/v1/traces`, { headers: { authorization: `Bearer ${made}` } })).status;
  expect(await ask()).toBe(200);
  const line = page.getByRole("row", { name: /from the page/ });
  expect(await line.textContent()).toContain("ingest, read");
  expect(await findings(page)).toEqual([]);
  await line.getByRole("button", { name: /^Revoke/ }).click();
  await line.getByRole("button", { name: /^Revoke for good/ }).click();
  await line.getByText("revoked").waitFor();
  await expect.poll(ask, { timeout: 20_000, interval: 500 }).toBe(401);
  await page.context().close();
});

test("a running span ticks", async () => {
  const page = await viewer.page();
  await page.goto(`${viewer.url}/traces/${traceIdOf("running")}`);
  const time = page
    .getByRole("row", { name: /batch-writer/ })
    .getByRole("gridcell")
    .nth(1);
  const before = await time.textContent();
  await expect.poll(() => time.textContent(), patience).not.toBe(before);
  await page.context().close();
});

test("errors show their code and what to do; nothing there says what to run", async () => {
  const page = await viewer.page();
  await page.goto(`${viewer.url}/traces/${"0".repeat(31)}1`);
  await page.getByText("NOT_FOUND").waitFor();
  await page.getByText("another project").waitFor();
  await page.goto(`${viewer.url}/traces?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z`);
  await page.getByText("npm start -- --demo").waitFor();
  await page.goto(`${viewer.url}/traces?user=nobody`);
  await page.getByRole("button", { name: "Take all filters away" }).click();
  await page.waitForURL(`${viewer.url}/traces`);
  await page.route("**/v1/traces?*", (route) => route.abort());
  await page.goto(`${viewer.url}/traces?user=other`);
  await page.getByText("OFFLINE").waitFor({ timeout: 20_000 });
  await page.context().close();
});

/** Every view, by what shows that it is there. */
const views: readonly (readonly [path: string, ready: string])[] = [
  ["/", ".movers tbody tr"],
  ["/traces", "[data-line]"],
  ["/traces?user=nobody", ".empty"],
  ["/conversations", "[data-line]"],
  ["/users", "[data-line]"],
  [`/traces/${searched}`, "[role=row] >> nth=5"],
  [`/traces/${searched}?span=${spanIdOf("searched", "0.13")}`, ".message-answer"],
  [`/traces/${searched}?span=${plan}&tab=bytes`, ".code"],
  [`/traces/${searched}?span=${plan}&tab=attributes`, ".attributes"],
  [
    `/traces/${searched}?span=${plan}&tab=difference&with=${traceIdOf("refused")}`,
    ".difference-facts, .difference .muted",
  ],
  [`/traces/${searched}?span=${plan}&tab=again`, ".again-form"],
  [`/traces/${traceIdOf("refused")}?span=${spanIdOf("refused", "0.0")}`, ".ending-refused"],
  [`/traces/${searched}?diagnosis=open`, ".diagnosis-list"],
  [`/traces/${searched}/compare/${traceIdOf("refused")}`, ".compare-rows"],
  ["/alerts?episode=refusals", ".episode.named"],
  ["/settings", ".settings"],
];

const looks = [
  { name: "light and wide", colorScheme: "light", viewport: { width: 1440, height: 900 } },
  { name: "dark and 360 px", colorScheme: "dark", viewport: { width: 360, height: 740 } },
] as const;

for (const { name, ...look } of looks) {
  test(`axe finds nothing in any view, and nothing runs out of the page: ${name}`, { timeout: 60_000 }, async () => {
    const page = await viewer.page({ ...look, reducedMotion: "reduce" });
    for (const [path, ready] of views) {
      await page.goto(viewer.url + path);
      await page.locator(ready).first().waitFor();
      expect(await findings(page), path).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(
        look.viewport.width,
      );
    }
    await page.keyboard.press("?");
    expect(await findings(page), "keys").toEqual([]);
    await page.context().close();
  });
}

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

test("a notification's address says why an alert fired, and leads to a trace that shows it", async () => {
  const page = await viewer.page();
  await page.goto(`${viewer.url}/alerts?episode=refusals`);
  const named = page.locator(".episode.named");
  await named.getByText("refuses a third of its calls").waitFor();
  await named.getByText("response_model model-a").waitFor();
  await named.getByRole("link", { name: "refused call" }).click();
  await page.waitForURL(new RegExp(`/traces/${traceIdOf("refused")}`));
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.waitForURL(/\/alerts$/);
  await page.context().close();
});

test("an admin rotates a key, sets a price after trying it, keeps texts for a month, erases a person", async () => {
  const page = await viewer.adminPage();
  // Questions that this page asks are meant.
  page.removeAllListeners("dialog");
  page.on("dialog", (dialog) => void dialog.accept("contract over"));
  await page.goto(`${viewer.url}/settings`);
  await page.getByLabel("Label").fill("ci <b>");
  await page.getByRole("button", { name: "Make a key" }).click();
  const line = page.getByRole("row", { name: /ci <b>/ });
  await line.getByRole("button", { name: "Rotate" }).click();
  await page.getByText("In its place").waitFor();
  await expect.poll(() => line.count(), patience).toBe(2);

  const newPrice = page.getByRole("form", { name: "New rule: Prices" });
  await newPrice.getByLabel("Rule, in YAML").fill("kind: discount\nmatch: {}\npercent: '50'");
  await page.getByRole("button", { name: "What would this rule change?" }).click();
  await page.getByRole("columnheader", { name: "Would be" }).waitFor();
  await newPrice.getByLabel("Name").fill("half");
  await newPrice.getByLabel("Why").fill("contract");
  await newPrice.getByRole("button", { name: "Set the rule" }).click();
  await page.getByRole("row", { name: /half@v1/ }).waitFor();
  await newPrice.getByLabel("Name").fill("half");
  await newPrice.getByLabel("Why").fill("x");
  await newPrice.getByLabel("Rule, in YAML").fill("kind: gift");
  await newPrice.getByRole("button", { name: "Set the rule" }).click();
  await newPrice.getByText("INVALID_PARAMETER").waitFor();
  await page.getByRole("button", { name: "Revoke half" }).click();
  await page.getByText("List prices hold.").waitFor();

  const retention = page.getByRole("form", { name: "Change retention" });
  await retention.getByLabel("Texts, days").fill("30");
  await retention.getByLabel("Why").fill("policy");
  await retention.getByRole("button").click();
  await page.getByText("30 days").waitFor();

  const erase = page.getByRole("form", { name: "Erase a person" });
  await erase.getByLabel("User id").fill("somebody else");
  await erase.getByLabel("Why").fill("request 1");
  await erase.getByRole("button").click();
  await page.getByRole("row", { name: /request 1/ }).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.context().close();
});

test("an admin sets an alert rule, is told what is wrong with the next version, edits and revokes it", async () => {
  const page = await viewer.adminPage();
  await page.goto(`${viewer.url}/alerts`);
  const form = page.getByRole("form", { name: "Alert rule" });
  await form.getByLabel("Name").fill("refusals");
  await form.getByLabel("Why").fill("the wave of the 20th");
  const rule = "signal: refusal_rate\ngroup_by: [service]\ncondition: { kind: static, above: 0.1 }";
  // Before it is set: what it would have said of what is stored.
  const trial = page.getByRole("button", { name: "When would it have fired?" });
  await form
    .getByLabel("Rule, in YAML")
    .fill("signal: calls\nminimum_calls: 0\ncondition: { kind: static, above: 1000000 }");
  await trial.click();
  await page.getByText("It would not have fired in the last 1 day").waitFor();
  await page.getByLabel("Try it on the last").selectOption("7 days");
  await form.getByLabel("Rule, in YAML").fill("signal: calls\nminimum_calls: 0\ncondition: { kind: static, above: 0 }");
  await trial.click();
  await page.getByText("It would have fired once in the last 7 days").waitFor();
  await page.getByRole("cell", { name: /^refusals: calls is/ }).waitFor();
  await form.getByLabel("Rule, in YAML").fill("signal: gold");
  await trial.click();
  await page.getByText("INVALID_PARAMETER").waitFor();
  await form.getByLabel("Rule, in YAML").fill(rule);
  await form.getByRole("button", { name: "Set the rule" }).click();
  await page.getByRole("row", { name: /refusals@v1 refusal_rate static 5m/ }).waitFor();
  await page.getByRole("button", { name: "Edit refusals" }).click();
  const edited = form.getByLabel("Rule, in YAML");
  expect(JSON.parse(await edited.inputValue())).toMatchObject({ signal: "refusal_rate", window: "5m" });
  await edited.fill(rule.replace("refusal_rate", "gold_rate"));
  await form.getByLabel("Why").fill("x");
  await form.getByRole("button", { name: "Set the rule" }).click();
  await form.getByText("INVALID_PARAMETER").waitFor();
  await edited.fill(`${rule}\nwindow: 10m`);
  await form.getByRole("button", { name: "Set the rule" }).click();
  await page.getByRole("row", { name: /refusals@v2 refusal_rate static 10m/ }).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByRole("button", { name: "Edit refusals" }).click();
  await page.getByRole("button", { name: "Revoke refusals" }).click();
  await page.getByText("No rules.").waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.context().close();
});

test("hostile text in every field is shown and never run", async () => {
  const page = await viewer.page();
  const id = traceIdOf("hostile");
  const attacked = () => page.evaluate(() => (window as unknown as { __attacked?: number }).__attacked);
  const [, call] = ["0", "0.0"].map((path) => spanIdOf("hostile", path));
  await page.goto(`${viewer.url}/login?next=${encodeURIComponent("javascript:window.__attacked=10")}`);
  await page.goto(
    `${viewer.url}/traces?user=${encodeURIComponent(hostileTexts[1])}&name=${encodeURIComponent(hostileTexts[0])}`,
  );
  await page.locator("[data-line]").waitFor();
  for (const [keys, ready] of [
    ["o", ".movers tbody"],
    ["c", "[data-line]"],
    ["u", "[data-line]"],
  ] as const) {
    await page.keyboard.press("g");
    await page.keyboard.press(keys);
    await page.locator(ready).first().waitFor();
    expect(await attacked()).toBeUndefined();
  }
  await page.goto(`${viewer.url}/traces/${id}?span=${spanIdOf("hostile", "0")}`);
  for (const line of [0, 1, 2]) {
    await page
      .getByRole("row")
      .nth(line + 1)
      .click();
    for (const [key, ready] of [
      ["c", ".chat"],
      ["b", ".code, .chat-waiting"],
      ["a", ".attributes"],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator(ready).first().waitFor();
      expect(await attacked()).toBeUndefined();
    }
  }
  await page.goto(`${viewer.url}/traces/${id}?span=${call}`);
  const said = page.locator(".message-user");
  await said.waitFor();
  for (const text of hostileTexts.slice(0, 3)) expect(await said.textContent()).toContain(text);
  // Links that would run something lead nowhere.
  expect(
    await page.locator("a[href^='javascript:'], a[href^='data:'], .chat img, .chat iframe, .chat script").count(),
  ).toBe(0);
  await page.context().close();
});

test("the policy lets no inline script, no inline style and nobody else in", async () => {
  const page = await viewer.page();
  const response = await page.goto(viewer.url);
  const policy = response?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  expect(await page.evaluate(() => document.cookie)).toBe("");
  await page.context().close();
});
