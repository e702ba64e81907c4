import type { z } from "zod";
import type { ApiQuestions } from "../api-questions.ts";

/** A tool as an assistant sees it: it reads, and changes nothing. */
export interface McpTool<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Shape;
  /** JSON of a bounded size: long texts are clipped, lists come in pages. Rejects with the API's own error. */
  run(args: z.output<z.ZodObject<Shape>>, api: ApiQuestions, signal: AbortSignal): Promise<unknown>;
}

/** Keeps the types of a tool's arguments; the list of tools knows only that each takes its own. */
export function mcpTool<Shape extends z.ZodRawShape>(tool: McpTool<Shape>): McpTool {
  return tool as unknown as McpTool;
}
