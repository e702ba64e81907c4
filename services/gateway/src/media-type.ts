import type { IncomingHttpHeaders } from "node:http";
import { type Failure, failed } from "./failure.ts";

/** The two encodings of OTLP/HTTP. */
export type OtlpFormat = "protobuf" | "json";

export const otlpContentType = {
  protobuf: "application/x-protobuf",
  json: "application/json",
} as const satisfies Record<OtlpFormat, string>;

/** Undefined for what is no content type of OTLP/HTTP. */
export function formatOf(headers: IncomingHttpHeaders): OtlpFormat | undefined {
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === otlpContentType.protobuf) return "protobuf";
  return type === otlpContentType.json ? "json" : undefined;
}

export type MediaType =
  | { readonly kind: "readable"; readonly format: OtlpFormat; readonly compression: "gzip" | "identity" }
  | Failure;

export function mediaTypeOf(headers: IncomingHttpHeaders): MediaType {
  const format = formatOf(headers);
  if (format === undefined) {
    const sent = headers["content-type"] === undefined ? "nothing" : JSON.stringify(headers["content-type"]);
    return failed("CONTENT_TYPE", `content-type: expected ${Object.values(otlpContentType).join(" or ")}, got ${sent}`);
  }
  const encoding = headers["content-encoding"]?.trim().toLowerCase();
  if (encoding === undefined || encoding === "" || encoding === "identity") {
    return { kind: "readable", format, compression: "identity" };
  }
  if (encoding === "gzip" || encoding === "x-gzip") return { kind: "readable", format, compression: "gzip" };
  return failed("CONTENT_ENCODING", `content-encoding: expected gzip or identity, got ${JSON.stringify(encoding)}`);
}
