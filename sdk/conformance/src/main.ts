#!/usr/bin/env node
import { parseArgs } from "node:util";
import { startProviderSimulator } from "./provider-simulator.ts";

/** The simulator alone: `node dist/main.js --port 8099`. Prints its address as one JSON line; ends on SIGINT and SIGTERM. */
const { values } = parseArgs({ options: { port: { type: "string", default: "8099" } } });
const simulator = await startProviderSimulator({ port: Number(values.port) });
process.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.stop());
