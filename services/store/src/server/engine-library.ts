import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { SpanhouseError } from "@spanhouse/schemas/errors";

const packages: Readonly<Record<string, string>> = {
  "linux-x64": "@chdb/lib-linux-x64-gnu",
  "linux-arm64": "@chdb/lib-linux-arm64-gnu",
  "darwin-x64": "@chdb/lib-darwin-x64",
  "darwin-arm64": "@chdb/lib-darwin-arm64",
};

const dockerLine =
  "docker run -d --name spanhouse-clickhouse -p 127.0.0.1:8123:8123 --ulimit nofile=262144:262144 " +
  "-e CLICKHOUSE_USER=spanhouse -e CLICKHOUSE_PASSWORD=spanhouse clickhouse/clickhouse-server:26.3";
const environmentLine = "SPANHOUSE_CLICKHOUSE_URL=http://spanhouse:spanhouse@127.0.0.1:8123";

/**
 * Path of `libchdb.so`, which npm ships for glibc Linux and macOS.
 * Throws STORE_PLATFORM, with the way to an external server, where npm installed none.
 */
export function engineLibrary(target = `${platform()}-${arch()}`): string {
  const name = packages[target];
  try {
    if (name !== undefined) return createRequire(import.meta.url).resolve(`${name}/libchdb.so`);
  } catch {
    // Not installed: musl, or optional dependencies were left out.
  }
  const why =
    name === undefined
      ? `No embedded ClickHouse is published for ${target}.`
      : `The embedded ClickHouse (${name}) is not installed: it needs glibc or macOS, and npm's optional dependencies.`;
  throw new SpanhouseError(
    "STORE_PLATFORM",
    `${why} Start a server with\n  ${dockerLine}\nand set\n  ${environmentLine}`,
  );
}
