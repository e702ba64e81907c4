import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ExportSink {
  readonly url: string;
  /** Of the bodies that came. */
  readonly bytes: () => number;
  stop(): void;
}

/** What LangSmith's server says; its Python client ends its exporting thread where a field is missing, and flushes for ever. */
const batchIngestConfig = {
  use_multipart_endpoint: true,
  size_limit: 100,
  size_limit_bytes: 20_971_520,
  scale_up_qsize_trigger: 1_000,
  scale_up_nthreads_limit: 16,
  scale_down_nempty_trigger: 4,
};

/** Takes all that exporters of tracing SDKs send. Braintrust's asks whose key it has first, LangSmith's what it may send. */
export async function startExportSink(): Promise<ExportSink> {
  let bytes = 0;
  const server = createServer((req, res) => {
    req.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const answer = () => {
      if (req.url?.endsWith("/apikey/login")) {
        return { org_info: [{ id: "bench", name: "bench", api_url: url, proxy_url: url }] };
      }
      if (req.url?.endsWith("/info")) {
        return { instance_flags: { gzip_body_enabled: true }, batch_ingest_config: batchIngestConfig };
      }
      return {};
    };
    req.on("end", () => res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer())));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    bytes: () => bytes,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
