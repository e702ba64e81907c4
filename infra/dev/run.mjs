// `npm run gateway | consumer | query | generate | …`: one built program, after the bootstrap.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bootstrap, root } from "./bootstrap.mjs";

const [program, ...args] = process.argv.slice(2);
bootstrap();
const child = spawn(process.execPath, [join(root, program), ...args], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
