// Records `fixtures/` again, after a change of the demonstration or of the instrumentation it uses:
// npm run record-demo -w @spanhouse/server
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import { recordDemo } from "./recorded-demo.ts";

const fixtures = new URL("./fixtures/", import.meta.url);
/** Indented, and without the machine's paths, which stand in stack traces. */
const tidied = (json: string): string => {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  return `${JSON.stringify(JSON.parse(json), null, 1).replaceAll(root, "")}\n`;
};

const recorded = await recordDemo();
rmSync(fixtures, { recursive: true, force: true });
for (const { name, request, truth } of recorded) {
  const folder = new URL(`./${name}/`, fixtures);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL("./otlp.json", folder), tidied(encodeJson(request)));
  writeFileSync(new URL("./truth.json", folder), tidied(JSON.stringify(truth)));
}
