/** What the brain must know of a request, freed of the provider's spelling. */
export interface Prompt {
  readonly model: string;
  /** Text of the last message that a user wrote (tool results are not that). */
  readonly lastUserText: string;
  /** How often the model has already answered since: 0 for the first answer, 1 after its tool results, … */
  readonly turn: number;
  /** All that the model reads (messages, instructions, tools) as JSON: what tokens are counted on. */
  readonly input: string;
  /** The most tokens that the answer may have; undefined when the request sets no limit. */
  readonly maxTokens: number | undefined;
  /** False where there is nothing to say (embeddings): no output tokens. */
  readonly generates: boolean;
  readonly stream: boolean;
  /** Whether the wire carries usage (OpenAI chat streams do so only when asked). */
  readonly wantsUsage: boolean;
}

/** A request that the real API would refuse with 400. */
export interface InvalidRequest {
  readonly kind: "invalid-request";
  readonly message: string;
}
