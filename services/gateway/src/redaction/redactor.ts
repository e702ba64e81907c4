import type { RedactionPolicies, RedactionPolicy } from "@spanhouse/store/redaction-policies";
import { type Failure, failed } from "../failure.ts";
import { createContentRedactor, isContent } from "./content-redactor.ts";
import { customFinder } from "./custom-pattern.ts";
import { finderOf } from "./patterns.ts";
import { type RewriteText, rewriteTexts } from "./record-rewriter.ts";
import { createTextRedactor } from "./text-redactor.ts";

/** Takes out of a request what the project's policy says, before anything of it is published. */
export interface Redactor {
  redact(
    project: string,
    protobuf: Uint8Array,
  ): Promise<{ readonly kind: "told"; readonly bytes: Uint8Array } | Failure>;
}

export interface RedactorParts {
  readonly policies: Pick<RedactionPolicies, "all">;
  /** A changed policy holds after at most this long, unless ClickHouse is down. */
  readonly refreshMs: number;
  readonly uptime: () => number;
}

/** What spend is grouped by: no texts. Send pseudonyms there. */
const identity = /(?:^|[._])(?:id|ids|user|session|thread|model|model_name|provider)$/i;

/** How a policy tells a text; shared with the measurement of what it costs. */
export function policyRewrite({ patterns, custom, content }: RedactionPolicy): RewriteText {
  const finders = [...patterns.map(finderOf), ...custom.map(customFinder)];
  const redactText = createTextRedactor(finders, patterns.includes("card"));
  const redactContent = content === "keep" ? undefined : createContentRedactor(content);
  return (name, text) => {
    if (text === "") return text;
    if (name !== undefined && redactContent !== undefined && isContent(name, text)) return redactContent(text);
    const told = redactText(text);
    return told !== text && name !== undefined && identity.test(name) ? text : told;
  };
}

/** Nothing is taken of any project before the policies were read once; afterwards those known last hold. */
export function createRedactor({ policies, refreshMs, uptime }: RedactorParts): Redactor {
  let known: ReadonlyMap<string, RewriteText> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let problem = "";

  async function read(): Promise<void> {
    readAt = uptime();
    try {
      known = new Map(Array.from(await policies.all(), ([project, policy]) => [project, policyRewrite(policy)]));
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      if (known === undefined) readAt = Number.NEGATIVE_INFINITY;
    } finally {
      reading = undefined;
    }
  }

  return {
    async redact(project, protobuf) {
      if (uptime() - readAt >= refreshMs) reading ??= read();
      if (known === undefined) await reading;
      if (known === undefined) {
        return failed("STORE_UNAVAILABLE", `what is to be redacted cannot be read: ${problem}`, 2);
      }
      const rewrite = known.get(project);
      if (rewrite === undefined) return { kind: "told", bytes: protobuf };
      const told = rewriteTexts(protobuf, rewrite);
      return told.kind === "failed" ? told : { kind: "told", bytes: told.bytes };
    },
  };
}
