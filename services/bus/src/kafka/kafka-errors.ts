/** kafkajs names its own errors by `name`, the broker's by `type`, and wraps both in `cause`. */
interface KafkaError {
  readonly name?: string;
  readonly type?: string;
  readonly cause?: unknown;
}

/** No later try can succeed until a person changes something. */
const permanent = new Set([
  "KafkaJSSASLAuthenticationError",
  "KafkaJSNotImplemented",
  "KafkaJSServerDoesNotSupportApiKey",
  "KafkaJSUnsupportedMagicByteInMessageSet",
  "TOPIC_AUTHORIZATION_FAILED",
  "GROUP_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_SASL_MECHANISM",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_GROUP_ID",
  "INVALID_SESSION_TIMEOUT",
  "INCONSISTENT_GROUP_PROTOCOL",
]);

const tooLarge = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);

/** The group does not have this member any more. */
const expelled = new Set(["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID"]);
/** The group has moved on without this member, or is about to move on with it. */
const fenced = new Set([...expelled, "REBALANCE_IN_PROGRESS"]);

export const cannotHeal = (error: unknown): boolean => isOneOf(permanent, error);
export const isTooLarge = (error: unknown): boolean => isOneOf(tooLarge, error);
export const isExpelled = (error: unknown): boolean => isOneOf(expelled, error);
export const isFenced = (error: unknown): boolean => isOneOf(fenced, error);

/** What a broker or the network did; anything else is a defect. */
export function isKafkaError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith("KafkaJS");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isOneOf(kinds: ReadonlySet<string>, error: unknown): boolean {
  for (let at = error; typeof at === "object" && at !== null; at = (at as KafkaError).cause) {
    const { name = "", type = "" } = at as KafkaError;
    if (kinds.has(name) || kinds.has(type)) return true;
  }
  return false;
}
