/** A provider and model as a price can be found by. */
export interface ModelName {
  readonly provider: string;
  readonly model: string;
}

/**
 * The names under which a model may be priced, the fullest first. Instrumentations pass on what the caller wrote: a
 * Bedrock ARN, a Vertex resource, Gemini's `models/…`, a router's `provider/model`.
 */
export function modelNames(provider: string, model: string): readonly ModelName[] {
  const names: ModelName[] = [{ provider, model }];
  // An application's own inference profile, custom and provisioned models are named by an id that says no model.
  const arn = /^arn:aws[\w-]*:bedrock:[^:]*:[^:]*:(?:foundation-model|inference-profile)\/(.+)$/.exec(model);
  if (arn) return [{ provider: provider || "aws", model: arn[1]! }];
  if (model.startsWith("arn:")) return [];

  const vertex = /(?:^|\/)publishers\/([^/]+)\/models\/([^/:]+)/.exec(model);
  if (vertex) {
    return [...names, { provider: provider || "google", model: vertex[2]! }];
  }
  if (model.startsWith("models/")) names.push({ provider, model: model.slice("models/".length) });
  const slash = model.indexOf("/");
  if (slash > 0 && model.slice(0, slash).toLowerCase() === provider) {
    names.push({ provider, model: model.slice(slash + 1) });
  }
  return names;
}
