import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { ExpectedSpan } from "@spanhouse/conformance/case";
import type { RecordedRequest } from "@spanhouse/conformance/recording";
import type { ReceivedSpan } from "./collector.ts";

interface Truth {
  readonly requests: readonly RecordedRequest[];
  readonly port: number;
}

/** What differs from what a case expects, in words; empty where nothing does. `cases/README.md` has the rules. */
export const differences = (
  expected: readonly ExpectedSpan[],
  spans: readonly ReceivedSpan[],
  truth: Truth,
): readonly string[] => {
  const found: string[] = [];
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const isControl = (span: ReceivedSpan) => span.name === "spanhouse.score";
  const childrenOf = (parent: ReceivedSpan | undefined) =>
    spans.filter((span) =>
      parent === undefined
        ? isControl(span) || span.parentSpanId === undefined || !ids.has(span.parentSpanId)
        : !isControl(span) && span.parentSpanId === parent.spanId,
    );

  const compare = (wanted: readonly ExpectedSpan[], parent: ReceivedSpan | undefined, path: string): void => {
    const left = childrenOf(parent).sort((a, b) => Number(a.start - b.start));
    for (const span of wanted) {
      const named = left.filter(({ name }) => name === span.name);
      const judged = named.map((candidate) => ({ candidate, wrong: spanDifferences(span, candidate, truth) }));
      judged.sort((a, b) => a.wrong.length - b.wrong.length);
      const [best] = judged;
      const where = `${path}/${span.name}`;
      if (best === undefined) {
        found.push(`${where} is missing; there are: ${left.map(({ name }) => name).join(", ")}`);
        continue;
      }
      left.splice(left.indexOf(best.candidate), 1);
      found.push(...best.wrong.map((what) => `${where}: ${what}`));
      compare(span.children ?? [], best.candidate, where);
    }
    found.push(...left.map(({ name }) => `${path}/${name} should not be there`));
  };
  compare(expected, undefined, "");
  return found;
};

const spanDifferences = (expected: ExpectedSpan, span: ReceivedSpan, truth: Truth): readonly string[] => {
  const wrong: string[] = [];
  const check = (what: string, wanted: unknown, got: unknown): void => {
    if (!matches(wanted, got, truth)) {
      wrong.push(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)?.slice(0, 600)}`);
    }
  };
  check("kind", expected.kind === "client" ? 3 : 1, span.kind);
  if (span.end < span.start) wrong.push("it ends before it starts");

  const { error } = expected;
  const attributes = error === undefined ? expected.attributes : { "error.type": error, ...expected.attributes };
  const names = new Set([...Object.keys(attributes), ...Object.keys(span.attributes)]);
  for (const name of names) {
    const ignored =
      name === "spanhouse.sequence" || (/^http\.response\.header\..*ratelimit/.test(name) && !(name in attributes));
    if (!ignored) check(name, attributes[name], span.attributes[name]);
  }

  check("status", error === undefined ? 0 : 2, span.status);
  if (error === undefined) check("events", 0, span.events.length);
  else {
    check("status message", { $any: "string" }, span.statusMessage);
    check("event", "exception", span.events[0]?.name);
    check("exception.type", error, span.events[0]?.attributes["exception.type"]);
    check("exception.message", { $any: "string" }, span.events[0]?.attributes["exception.message"]);
    check("exception.stacktrace", { $any: "string" }, span.events[0]?.attributes["exception.stacktrace"]);
  }
  return wrong;
};

const matches = (wanted: unknown, got: unknown, { requests, port }: Truth): boolean => {
  const [matcher, argument] = matcherIn(wanted);
  const recorded = (): unknown => {
    const [number, path] = argument as [number, string];
    let value: unknown = requests[number - 1];
    for (const field of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[field];
    return value;
  };
  switch (matcher) {
    case undefined:
      return isDeepStrictEqual(wanted, got);
    case "$any":
      if (argument === "header") return Array.isArray(got) && got.length === 1 && typeof got[0] === "string";
      if (argument === "number") return typeof got === "number" && got >= 0;
      return typeof got === "string" && got !== "";
    case "$recorded":
      return got !== undefined && isDeepStrictEqual(recorded(), got);
    case "$header":
      return isDeepStrictEqual([recorded()], got);
    case "$begins":
      return typeof got === "string" && got !== "" && String(recorded()).startsWith(got);
    case "$json":
      return typeof got === "string" && isDeepStrictEqual(JSON.parse(got), argument);
    case "$without_media":
      return got === String(recorded()).replaceAll(longBase64, (text) => `spanhouse:media:${hashOfBase64(text)}`);
    case "$port":
      return got === port;
    case "$sha256":
      return got === createHash("sha256").update(String(recorded())).digest("hex");
    default:
      throw new Error(`no such matcher: ${matcher}`);
  }
};

/** As `SPANS.md` says what is taken out. */
const longBase64 = /[A-Za-z0-9+/_-]{4094,}={0,2}/g;
const hashOfBase64 = (text: string): string => createHash("sha256").update(Buffer.from(text, "base64")).digest("hex");

const matcherIn = (wanted: unknown): readonly [string | undefined, unknown] => {
  if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) return [undefined, undefined];
  const [[name, argument] = ["", undefined]] = Object.entries(wanted);
  return name.startsWith("$") ? [name, argument] : [undefined, undefined];
};
