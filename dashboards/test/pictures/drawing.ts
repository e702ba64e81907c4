import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { chromium } from "playwright-core";
import { findChromium } from "../../../infra/dev/chromium/find-chromium.mjs";

const folder = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
const own = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const uplot = (name: string) => createRequire(import.meta.url).resolve(`uplot/dist/${name}`);
const width = 1500;
const fontFile = createRequire(import.meta.url).resolve(
  "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
);
/** Chromium brings none. */
const font = `@font-face { font-family: "Inter"; font-weight: 100 900; src: url(data:font/woff2;base64,${readFileSync(fontFile).toString("base64")}) format("woff2"); }`;

/** What a panel's query was answered. */
export interface PanelAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface Drawing {
  /** Writes docs/images/dashboard-NAME.png. */
  draw(dashboard: Dashboard, panels: readonly (readonly [panel: Panel, answer: PanelAnswer])[]): Promise<void>;
  close(): Promise<void>;
}

export async function openDrawing(): Promise<Drawing> {
  mkdirSync(folder, { recursive: true });
  const { executablePath, env } = findChromium();
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    env: { ...(process.env as Record<string, string>), ...env },
  });
  return {
    async draw({ title, uid }, panels) {
      const page = await browser.newPage({ viewport: { width, height: 800 } });
      await page.setContent("<!doctype html><title>.</title>");
      await page.addStyleTag({ content: font });
      await page.evaluate("document.fonts.load('12px Inter')");
      for (const path of [uplot("uPlot.min.css"), own("board.css")]) await page.addStyleTag({ path });
      for (const path of [uplot("uPlot.iife.min.js"), own("draw-board.js")]) await page.addScriptTag({ path });
      const board = { title, panels: panels.map(([panel, answer]) => ({ ...shapeOf(panel), ...answer })) };
      await page.evaluate(`drawBoard(${JSON.stringify(board)})`);
      await page.screenshot({ path: `${folder}dashboard-${uid?.replace("spanhouse-", "")}.png`, fullPage: true });
      await page.close();
    },
    close: () => browser.close(),
  };
}

/** What of a panel is drawn. */
function shapeOf({ type, title, gridPos, fieldConfig }: Panel) {
  const { unit = "short", custom } = (fieldConfig?.defaults ?? {}) as {
    unit?: string;
    custom?: { stacking?: { mode?: string } };
  };
  const units = Object.fromEntries(
    (fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) =>
      properties.filter(({ id }) => id === "unit").map(({ value }) => [String(matcher.options), String(value)]),
    ),
  );
  return { type, title, place: gridPos, unit, units, stacked: custom?.stacking?.mode === "normal" };
}
