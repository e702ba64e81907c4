import { bodyOf, chatBody } from "./chat-request.ts";
import type { SpanDetail, SpanMessages } from "./span-types.ts";

export const languages = ["curl", "TypeScript", "Python"] as const;
export type Language = (typeof languages)[number];

/** A request to a provider that can be sent again: the body, where to, and whether it is what was sent. */
interface Call {
  readonly client: "openai" | "anthropic" | "unknown";
  readonly url: string;
  /** The method of the provider's client, such as `chat.completions.create`. */
  readonly method: string;
  readonly body: unknown;
  readonly note: string | undefined;
}

/** The model call as a program that makes it again; undefined where its request is not known. Keys are never in it. */
export function copyAs(language: Language, span: SpanDetail, messages: SpanMessages | undefined): string | undefined {
  const call = callOf(span, messages);
  if (call === undefined) return undefined;
  return { curl, TypeScript: typeScript, Python: python }[language](call);
}

function callOf(span: SpanDetail, messages: SpanMessages | undefined): Call | undefined {
  if (span.role !== "model") return undefined;
  const body = bodyOf(span.request);
  if (body !== undefined) {
    const note = span.fidelity === "exact" ? undefined : "As the instrumentation told it: not the bytes of the wire.";
    return { ...endpointOf(span, body), body, note };
  }
  if (messages === undefined || messages.input.length + messages.system.length === 0) return undefined;
  const put = chatBody(span, messages);
  return {
    ...openai("chat.completions.create", "chat/completions"),
    body: put,
    note: "Put together from the messages: the body was not recorded.",
  };
}

type Endpoint = Pick<Call, "client" | "url" | "method">;

const openai = (method: string, path: string): Endpoint => ({
  client: "openai",
  url: `https://api.openai.com/v1/${path}`,
  method,
});

function endpointOf({ provider, operation }: SpanDetail, body: Readonly<Record<string, unknown>>): Endpoint {
  if (provider === "anthropic" || ("messages" in body && "max_tokens" in body && "system" in body)) {
    return { client: "anthropic", url: "https://api.anthropic.com/v1/messages", method: "messages.create" };
  }
  if (operation === "embeddings") return openai("embeddings.create", "embeddings");
  if ("messages" in body) return openai("chat.completions.create", "chat/completions");
  if ("input" in body) return openai("responses.create", "responses");
  if ("prompt" in body) return openai("completions.create", "completions");
  return { client: "unknown", url: "$PROVIDER_URL", method: "" };
}

function curl({ client, url, body, note }: Call): string {
  const headers =
    client === "anthropic"
      ? ['-H "x-api-key: $ANTHROPIC_API_KEY"', '-H "anthropic-version: 2023-06-01"']
      : [`-H "authorization: Bearer $${client === "openai" ? "OPENAI_API_KEY" : "PROVIDER_API_KEY"}"`];
  // Single quotes hold everything but themselves.
  const quoted = JSON.stringify(body, null, 2).replaceAll("'", `'\\''`);
  const address = url.startsWith("$") ? `"${url}"` : url;
  return `${comment("#", note)}curl ${address} \\\n  ${headers.join(" \\\n  ")} \\\n  -H "content-type: application/json" \\\n  -d '${quoted}'\n`;
}

function typeScript({ client, url, method, body, note }: Call): string {
  const json = JSON.stringify(body, null, 2);
  if (client === "unknown") {
    return `${comment("//", note)}const response = await fetch(process.env.PROVIDER_URL!, {\n  method: "POST",\n  headers: { "content-type": "application/json", authorization: \`Bearer \${process.env.PROVIDER_API_KEY}\` },\n  body: JSON.stringify(${indent(json, 2)}),\n});\nconsole.log(await response.json());\n`;
  }
  const [name, module] = client === "openai" ? ["OpenAI", "openai"] : ["Anthropic", "@anthropic-ai/sdk"];
  return `${comment("//", note)}import ${name} from "${module}";\n\n// ${url}\nconst client = new ${name}();\nconst response = await client.${method}(${json});\nconsole.log(response);\n`;
}

function python({ client, url, method, body, note }: Call): string {
  if (client === "unknown") {
    return `${comment("#", note)}import os\n\nimport httpx\n\nresponse = httpx.post(\n    os.environ["PROVIDER_URL"],\n    headers={"authorization": f"Bearer {os.environ['PROVIDER_API_KEY']}"},\n    json=${pythonValue(body, 1)},\n)\nprint(response.json())\n`;
  }
  const [name, module] = client === "openai" ? ["OpenAI", "openai"] : ["Anthropic", "anthropic"];
  return `${comment("#", note)}from ${module} import ${name}\n\n# ${url}\nclient = ${name}()\nresponse = client.${method}(**${pythonValue(body, 0)})\nprint(response)\n`;
}

const comment = (sign: string, note: string | undefined) => (note ? `${sign} ${note}\n` : "");
const indent = (text: string, by: number) => text.replaceAll("\n", `\n${" ".repeat(by)}`);

/** JSON's strings and numbers are Python's too, once control characters and lone surrogates are escaped as JSON does. */
function pythonValue(value: unknown, depth: number): string {
  const [inner, outer] = ["    ".repeat(depth + 1), "    ".repeat(depth)];
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((one) => `${inner}${pythonValue(one, depth + 1)},\n`).join("")}${outer}]`;
  }
  if (typeof value === "object") {
    const entries = Object.entries(value);
    if (entries.length === 0) return "{}";
    return `{\n${entries.map(([key, one]) => `${inner}${JSON.stringify(key)}: ${pythonValue(one, depth + 1)},\n`).join("")}${outer}}`;
  }
  return JSON.stringify(value);
}
