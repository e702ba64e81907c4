import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { decodeJson } from "@spanhouse/schemas/otlp/json";
import { toModel } from "@spanhouse/schemas/otlp/to-model";

/**
 * Keeps every trace export it is sent, protobuf or JSON, at whatever path ends in `traces` (vendors have prefixes of
 * their own). All else (metrics, logs, a vendor's own API) is answered with an empty object and forgotten.
 */
export async function startOtlpReceiver() {
  const requests = [];
  const server = createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const json = (req.headers["content-type"] ?? "").startsWith("application/json");
    if (req.method === "POST" && /traces\/?$/.test((req.url ?? "").split("?")[0])) {
      const sent = Buffer.concat(chunks);
      const read = exportOf(req.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent, json);
      if (read !== undefined) requests.push(read);
    }
    res.writeHead(200, { "content-type": json ? "application/json" : "application/x-protobuf" });
    res.end(json ? "{}" : undefined);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** ExportTraceServiceRequests in the order of their arrival. */
    requests: () => requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function exportOf(body, json) {
  const transcoded = json ? decodeJson(body) : { kind: "decoded", protobuf: body };
  if (transcoded.kind === "failed") return undefined;
  const decoded = decodeTraces(transcoded.protobuf);
  return decoded.kind === "failed" ? undefined : toModel(decoded.traces);
}
