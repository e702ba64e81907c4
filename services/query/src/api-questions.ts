import type { Buffer } from "node:buffer";

/** Parameters of a question; what is undefined is left out, a list is repeated. */
export type QuestionParameters = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/**
 * The query API as one key may ask it: nothing that a tool answers comes from elsewhere, so that a tool shows no more than
 * the key could read. Rejects with the API's own error, by its code.
 */
export interface ApiQuestions {
  json<T>(path: string, parameters: QuestionParameters, signal: AbortSignal): Promise<T>;
  bytes(path: string, signal: AbortSignal): Promise<Buffer>;
}

/** A path with its parameters. */
export function questionUrl(path: string, parameters: QuestionParameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    for (const one of typeof value === "object" ? value : [value]) query.append(name, String(one));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}
