import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import type { ExportTraceServiceRequest, KeyValue, Span } from "@spanhouse/schemas/otlp/model";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agent, attributes, chat, request, span } from "../pipeline/spans.ts";
import type { ObservedPipeline } from "./observed-pipeline.ts";
import { observedPipeline, projectOf, sha256 } from "./observed-pipeline.ts";

let pipeline: ObservedPipeline;

beforeAll(async () => {
  pipeline = await observedPipeline();
});
afterAll(async () => {
  await pipeline.goesOn();
  await pipeline.stop();
});

const MiB = 1024 * 1024;
/** Stands in requests where four bytes that are no UTF-8 will be. */
const marker = "@@@@";
const invalid = Buffer.from([0xff, 0xc0, 0xfe, 0x80]);
/** What is shown for them. */
const shown = "\ufffd".repeat(4);

function withInvalidBytes(request: ExportTraceServiceRequest): Buffer {
  const bytes = Buffer.from(encodeTraces(request));
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker)) invalid.copy(bytes, at);
  return bytes;
}

const marked = (key: string): Span => span(1, 1, undefined, chat(1000, 100, { [key]: `a${marker}b` }));

it.concurrent.each<readonly [string, Span, string]>([
  ["name", span(1, 1, undefined, chat(1000, 100), 0n, { name: `a${marker}b` }), "name"],
  ["user id", marked("user.id"), "user_id"],
  ["response id", marked("gen_ai.response.id"), "response_id"],
  ["requested model", marked("gen_ai.request.model"), "request_model"],
  ["tag", marked("spanhouse.tags"), "tags[1]"],
  ["metadata", marked("spanhouse.metadata.m"), "metadata['m']"],
])("invalid UTF-8 in the %s: shown with U+FFFD, flagged", async (name, odd, column) => {
  const project = projectOf(`invalid ${name}`);
  await pipeline.sendBytes(project, withInvalidBytes(request(odd, span(1, 2, undefined, chat(1000, 100)))));
  expect(await pipeline.flags(project)).toEqual([["invalidUtf8"], []]);
  const [row] = await pipeline.spans(project, `${column} AS shown, cost`);
  expect(row).toEqual({ shown: `a${shown}b`, cost: "0.0035" });
});

it.concurrent("invalid UTF-8 in an attribute's name and value is stored byte for byte", async () => {
  const odd = span(1, 1, undefined, { [`k${marker}`]: `v${marker}` });
  await pipeline.sendBytes("invalid-attribute", withInvalidBytes(request(odd)));
  expect(await pipeline.flags("invalid-attribute")).toEqual([["invalidUtf8"]]);
  const hex = invalid.toString("hex");
  expect(
    await pipeline.payload(
      "invalid-attribute",
      "lower(hex(mapKeys(attributes)[1])) AS key, lower(hex(mapValues(attributes)[1])) AS value",
    ),
  ).toEqual({ key: `6b${hex}`, value: `76${hex}` });
});

it.concurrent("invalid UTF-8 in the service's name flags all its spans, and no others of the record", async () => {
  const inService = (service: string, id: number) => ({
    resource: { attributes: attributes({ "service.name": service }) },
    scopeSpans: [{ spans: [span(1, id, undefined, agent())] }],
  });
  const record = { resourceSpans: [inService(`s${marker}`, 1), inService("good", 2)] };
  await pipeline.sendBytes("invalid-service", withInvalidBytes(record));
  expect(await pipeline.spans("invalid-service", "service")).toEqual([{ service: `s${shown}` }, { service: "good" }]);
  expect(await pipeline.flags("invalid-service")).toEqual([["invalidUtf8"], []]);
  expect(await pipeline.trace("invalid-service", "services")).toEqual({ services: ["good", `s${shown}`] });
});

it.concurrent("NUL and control characters are texts like others", async () => {
  const text = "a\u0000b\u0001\u001b[31m\u007f\u2028\\'\"\r\n\t`;DROP TABLE spans";
  await pipeline.send(
    "control",
    request(span(1, 1, undefined, chat(1000, 100, { "user.id": text, [text]: text }), 0n, { name: text })),
  );
  expect(await pipeline.spans("control", "name, user_id")).toEqual([{ name: text, user_id: text }]);
  expect(await pipeline.payload("control", "attributes['user.id'] AS value")).toEqual({ value: text });
  expect(await pipeline.trace("control", "name, user_id")).toEqual({ name: text, user_id: text });
  expect(await pipeline.flags("control")).toEqual([[]]);
});

it.concurrent("half an emoji in JSON is flagged and kept, whole ones are whole", async () => {
  const json = encodeJson(
    request(span(1, 1, undefined, { half: "HALF", whole: "😀" }), span(1, 2, undefined, { whole: "😀" })),
  );
  await pipeline.sendBytes("surrogates", Buffer.from(json.replace("HALF", "cut \\ud83d here")));
  expect(await pipeline.flags("surrogates")).toEqual([["invalidUtf8"], []]);
  const rows = await pipeline.clickhouse.query(
    "SELECT lower(hex(attributes['half'])) AS half, attributes['whole'] AS whole FROM span_payloads WHERE project = 'surrogates' ORDER BY span_id",
  );
  expect(rows).toEqual([
    {
      half: Buffer.concat([Buffer.from("cut "), Buffer.from([0xed, 0xa0, 0xbd]), Buffer.from(" here")]).toString("hex"),
      whole: "😀",
    },
    { half: "", whole: "😀" },
  ]);
});

it.concurrent("an emoji at the limit of 200 characters is left out whole", async () => {
  const cut = `${"x".repeat(199)}😀y`;
  const exact = `${"x".repeat(198)}😀`;
  await pipeline.send(
    "limit",
    request(
      span(1, 1, undefined, chat(1000, 100, { "user.id": cut }), 0n, { name: cut }),
      span(1, 2, undefined, chat(1000, 100, { "user.id": exact }), 0n, { name: exact }),
    ),
  );
  expect(await pipeline.spans("limit", "name, user_id")).toEqual([
    { name: "x".repeat(199), user_id: "x".repeat(199) },
    { name: exact, user_id: exact },
  ]);
  expect(await pipeline.flags("limit")).toEqual([["clipped"], []]);
  const whole = await pipeline.clickhouse.query(
    "SELECT attributes['user.id'] AS user FROM span_payloads WHERE project = 'limit' ORDER BY span_id",
  );
  expect(whole).toEqual([{ user: cut }, { user: exact }]);
});

it.concurrent("an empty name is an empty name", async () => {
  await pipeline.send("nameless", request(span(1, 1, undefined, chat(1000, 100), 0n, { name: "" })));
  expect(await pipeline.spans("nameless", "name, flags, cost")).toEqual([{ name: "", flags: 0, cost: "0.0035" }]);
});

it.concurrent("of an attribute named twice the last one counts, and both are kept", async () => {
  const twice: KeyValue[] = [
    { key: "user.id", value: { type: "string", value: "first" } },
    { key: "user.id", value: { type: "string", value: "last" } },
  ];
  await pipeline.send("twice", request(span(1, 1, undefined, {}, 0n, { attributes: twice })));
  expect(await pipeline.spans("twice", "user_id")).toEqual([{ user_id: "last" }]);
  expect(await pipeline.payload("twice", "mapValues(attributes) AS values")).toEqual({ values: ["first", "last"] });
});

it.concurrent.each([10, 18])("a text of %d MB in one attribute is stored whole", async (size) => {
  const project = `text-of-${size}`;
  const text = "prompt ".repeat((size * MiB) / 7);
  const more = { "gen_ai.input.messages": text, "user.id": text.slice(0, 1000) };
  await pipeline.send(
    project,
    request(span(1, 1, undefined, chat(1000, 100, more)), span(1, 2, undefined, chat(1000, 100))),
  );
  expect(await pipeline.flags(project)).toEqual([["clipped"], []]);
  const [row] = await pipeline.clickhouse.query(
    "SELECT length(request) AS size, lower(hex(SHA256(request))) AS hash FROM span_payloads WHERE project = {project:String} ORDER BY span_id",
    { project },
  );
  expect(row).toEqual({ size: String(text.length), hash: sha256(Buffer.from(text)) });
  expect(await pipeline.trace(project, "spans, cost")).toEqual({ spans: 2, cost: "0.007" });
});

it.concurrent("20 MB as user, service and error message are cut in columns and whole in the payload", async () => {
  const text = "é".repeat(3 * MiB);
  await pipeline.send("everywhere", {
    resourceSpans: [
      {
        resource: { attributes: attributes({ "service.name": text }) },
        scopeSpans: [
          {
            scope: { name: text },
            spans: [
              span(1, 1, undefined, chat(1000, 100, { "user.id": text }), 0n, { status: { code: 2, message: "boom" } }),
            ],
          },
        ],
      },
    ],
  });
  const lengths =
    "lengthUTF8(user_id) AS user, lengthUTF8(service) AS service, lengthUTF8(scope) AS scope, outcome, message, cost";
  expect(await pipeline.spans("everywhere", lengths)).toEqual([
    { user: "200", service: "200", scope: "200", outcome: "error", message: "boom", cost: "0.0035" },
  ]);
  expect(
    await pipeline.payload(
      "everywhere",
      "length(attributes['user.id']) AS user, length(resource_attributes['service.name']) AS service",
    ),
  ).toEqual({ user: String(text.length * 2), service: String(text.length * 2) });
});
