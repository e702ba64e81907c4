import { readdirSync, readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { GoogleGenAI } from "@google/genai";
import { type CallStep, type Case, caseSchema, type Step } from "@spanhouse/conformance/case";
import { scriptHeader } from "@spanhouse/conformance/script";
import OpenAI, { AzureOpenAI } from "openai";
import { expect } from "vitest";
import {
  flush,
  init,
  retrieval,
  type ScoreOptions,
  score,
  span,
  tool,
  trace,
  wrapAnthropic,
  wrapGoogleGenAI,
  wrapOpenAI,
} from "../src/spanhouse.ts";
import type { Collector, ReceivedSpan } from "./collector.ts";

const folder = new URL("../../conformance/cases/", import.meta.url);

/** All that this language's clients can do. */
export const conformanceCases: readonly { readonly file: string; readonly given: Case }[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => ({ file, given: caseSchema.parse(JSON.parse(readFileSync(new URL(file, folder), "utf8"))) }))
  .filter(({ given }) => given.only?.includes("typescript") ?? true);

/** What the SDK exports while a case is run, from a fresh `init`. */
export const emittedBy = async (
  given: Case,
  simulatorUrl: string,
  collector: Collector,
): Promise<readonly ReceivedSpan[]> => {
  collector.spans.length = 0;
  const { content, sample_payloads: samplePayloads, redact_pattern: pattern } = given.init ?? {};
  init({
    url: collector.url,
    service: "conformance",
    ...(content === undefined ? {} : { content }),
    ...(samplePayloads === undefined ? {} : { samplePayloads }),
    ...(pattern === undefined
      ? {}
      : { redact: (text: string) => text.replaceAll(new RegExp(pattern, "g"), "[redacted]") }),
  });
  await runCase(given, simulatorUrl);
  await flush();
  return collector.spans.filter(({ name }) => name !== "spanhouse.close");
};

type Method = (request: object | string, options?: object) => Promise<unknown>;

const apiKey = "sk-conformance-0001";

const clientOf = ({ client, max_retries: maxRetries = 0 }: Case, url: string): object => {
  switch (client) {
    case "openai":
      return wrapOpenAI(new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries }));
    case "azure-openai":
      return wrapOpenAI(new AzureOpenAI({ apiKey, endpoint: url, apiVersion: "2024-10-21", maxRetries }));
    case "anthropic":
      return wrapAnthropic(new Anthropic({ apiKey, baseURL: url, maxRetries }));
    case "google-genai":
      return wrapGoogleGenAI(new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } }));
    case "bedrock":
      throw new Error("Amazon's client for JavaScript is not wrapped");
  }
};

/** A tool runner's tools, as the client wants them. */
const toolsOf = ({ client }: Case, tools: NonNullable<CallStep["tools"]>): readonly object[] =>
  tools.map(({ name, parameters, result, error }) => {
    const run = async (): Promise<string> => {
      if (error !== undefined) throw new Error(error);
      return result ?? "";
    };
    return client === "anthropic"
      ? betaTool({ name, description: name, inputSchema: parameters as { type: "object" }, run })
      : { type: "function", function: { name, parameters, function: run, parse: JSON.parse } };
  });

/** Does what a case says with the real clients, wrapped. */
const runCase = async (given: Case, simulatorUrl: string): Promise<void> => {
  const client = clientOf(given, simulatorUrl);
  const run = async (step: Step): Promise<void> => {
    if ("call" in step) {
      const { script = "", read = Infinity, raises } = step;
      const request = withFiles(step.request);
      if (step.tools !== undefined) {
        const runner = methodOf(client, step.call)(
          { ...request, tools: toolsOf(given, step.tools) },
          { headers: { "x-simulator-script": scriptHeader(script) } },
        ) as PromiseLike<unknown> | { done(): Promise<void> };
        await ("then" in runner ? runner : runner.done());
        return;
      }
      const answer = async (): Promise<void> => {
        const headers = { "x-simulator-script": scriptHeader(script) };
        const result =
          given.client === "google-genai"
            ? await methodOf(client, step.call)(
                { ...request, config: { ...(request.config as object), httpOptions: { headers } } },
                {},
              )
            : step.id === undefined
              ? await methodOf(client, step.call)(request, { headers })
              : await methodOf(client, step.call)(step.id);
        if (result instanceof Response) await result.arrayBuffer();
        if (!isAsyncIterable(result)) return;
        let chunks = 0;
        for await (const _chunk of result) if (++chunks === read) break;
      };
      if (raises === undefined) return answer();
      const error = await answer().catch((failure: unknown) => failure);
      expect((error as Error).constructor.name).toBe(raises);
    } else if ("trace" in step) {
      const { name, user_id: userId, conversation_id: conversationId, cost_centre: costCentre, ...more } = step.trace;
      const options = { userId, conversationId, costCentre, ...more };
      await trace(name, options as object, () => runAll(step.steps));
    } else if ("span" in step) {
      const { name, output, ...options } = step.span;
      await span(name, options as object, async (active) => {
        await runAll(step.steps);
        if (output !== undefined) active.setOutput(output);
      });
    } else if ("tool" in step) {
      const { name, call_id: callId, arguments: args, result, error } = step.tool;
      const work = async (): Promise<unknown> => {
        await runAll(step.steps ?? []);
        if (error !== undefined) throw new Error(error);
        return result;
      };
      const called = tool(name, async (_args: unknown) => await work(), callId === undefined ? {} : { callId })(args);
      if (error === undefined) await called;
      else await expect(called).rejects.toThrow(error);
    } else if ("retrieval" in step) {
      const { name, query, documents } = step.retrieval;
      await retrieval(name, async (_query: string) => documents)(query);
    } else if ("score" in step) {
      const { name, value, user_id: userId, ...options } = step.score;
      score(name, value, { ...options, userId } as ScoreOptions);
    } else {
      await Promise.all(step.together.map(run));
    }
  };
  const runAll = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) await run(step);
  };
  await runAll(given.steps);
};

const withFiles = (request: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(request).map(([name, value]) => {
      const file = (value as { $file?: { name: string; type: string; text: string } } | null)?.$file;
      return [name, file === undefined ? value : new File([file.text], file.name, { type: file.type })];
    }),
  );

const methodOf = (client: object, path: string): Method => {
  const names = path
    .split(".")
    .map((name) => name.replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase()));
  const method = names.pop()!;
  const resource = names.reduce(
    (value, name) => value[name] as Record<string, unknown>,
    client as Record<string, unknown>,
  );
  return (...args) => (resource[method] as Method).apply(resource, args);
};

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;
