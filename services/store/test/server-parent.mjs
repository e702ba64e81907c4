// A process that holds an embedded server, for the tests that kill it: `server-parent.mjs DIRECTORY`.
// It runs from source by vitest's own loader, and prints the engine's pid.
import { fileURLToPath } from "node:url";
import { createViteServer } from "vitest/node";

const loader = await createViteServer({
  configFile: fileURLToPath(new URL("../../../vitest.config.ts", import.meta.url)),
  server: { middlewareMode: true, ws: false },
  logLevel: "silent",
});
const { startEmbeddedServer } = await loader.ssrLoadModule(
  fileURLToPath(new URL("../src/server/embedded-server.ts", import.meta.url)),
);
const server = await startEmbeddedServer({ dataDir: process.argv[2] });
process.stdout.write(`${server.pid}\n`);
