import { objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { ToolDefinition } from "./message.ts";

/** Tools as every format offers them: flat, in a `function` or `toolSpec`, or (Gemini) in `functionDeclarations`. */
export function toolDefinitions(tools: unknown): ToolDefinition[] {
  return objectsOf(tools).flatMap((tool) => {
    const declared = objectsOf(tool.functionDeclarations ?? tool.function_declarations);
    if (declared.length > 0) return toolDefinitions(declared);
    const said = objectOf(tool.function) ?? objectOf(tool.toolSpec) ?? tool;
    // A provider's own tool has a type and no name: {"type": "web_search"}; Gemini's is a key: {"googleSearch": {}}.
    const name = wordOf(said.name) ?? wordOf(tool.type) ?? Object.keys(tool)[0];
    if (name === undefined) return [];
    const parameters = said.parameters ?? said.input_schema ?? schemaOf(said.inputSchema) ?? said.parameter_definitions;
    const description = wordOf(said.description);
    return {
      type: said.name === undefined ? "provider" : (wordOf(tool.type) ?? "function"),
      name,
      ...(description === undefined ? {} : { description }),
      ...(parameters === undefined ? {} : { parameters }),
    };
  });
}

/** Bedrock has the schema in `json`. */
function schemaOf(schema: unknown): unknown {
  return objectOf(schema)?.json ?? schema;
}
