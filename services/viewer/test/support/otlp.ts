import { createHash } from "node:crypto";

type Value = string | number | boolean | readonly string[];

/** A span as a story tells it; times in milliseconds from the start of its trace. */
export interface ToldSpan {
  readonly name: string;
  readonly at: number;
  readonly ms: number;
  readonly attributes?: Readonly<Record<string, Value | object>>;
  readonly error?: string;
  /** Announced and not ended. */
  readonly open?: boolean;
  readonly below?: readonly ToldSpan[];
}

export interface ToldTrace {
  /** What its ids are made of. */
  readonly key: string;
  /** Unix ms. */
  readonly start: number;
  readonly service?: string;
  readonly resource?: Readonly<Record<string, Value>>;
  readonly root: ToldSpan;
}

export const traceIdOf = (key: string) => createHash("sha256").update(key).digest("hex").slice(0, 32);
export const spanIdOf = (key: string, path: string) =>
  createHash("sha256").update(`${key}/${path}`).digest("hex").slice(0, 16);

/** An OTLP/JSON request with one trace. */
export function otlpRequest(trace: ToldTrace): object {
  const spans: object[] = [];
  const pending: { told: ToldSpan; path: string; parent: string | undefined }[] = [
    { told: trace.root, path: "0", parent: undefined },
  ];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    const { told, path, parent } = one;
    const spanId = spanIdOf(trace.key, path);
    const nanos = (ms: number) => String(BigInt(Math.round((trace.start + ms) * 1000)) * 1000n);
    spans.push({
      traceId: traceIdOf(trace.key),
      spanId,
      ...(parent === undefined ? {} : { parentSpanId: parent }),
      name: told.name,
      kind: 3,
      startTimeUnixNano: nanos(told.at),
      ...(told.open ? {} : { endTimeUnixNano: nanos(told.at + told.ms) }),
      attributes: attributesOf({ ...told.attributes, ...(told.open ? { "spanhouse.open": true } : {}) }),
      status: told.error === undefined ? {} : { code: 2, message: told.error },
    });
    told.below?.forEach((below, at) => {
      pending.push({ told: below, path: `${path}.${at}`, parent: spanId });
    });
  }
  const resource = { "service.name": trace.service ?? "support-desk", ...trace.resource };
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: "viewer-stories", version: "1.0.0" }, spans }],
      },
    ],
  };
}

function attributesOf(values: Readonly<Record<string, Value | object>>): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: Value | object): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map((one) => anyValue(one)) } };
  return { stringValue: JSON.stringify(value) };
}
