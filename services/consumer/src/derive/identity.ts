import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { AttributeReader } from "./attribute-reader.ts";

const userId = keyId("user.id");
/** Until semantic conventions 1.28. */
const endUserId = keyId("enduser.id");
const conversationId = keyId("gen_ai.conversation.id");
const sessionId = keyId("session.id");

/** Whose call it was, and of which conversation. */
export interface Identity {
  readonly userId: string;
  readonly conversationId: string;
}

export function readIdentity(span: AttributeReader, resource: Identity): Identity {
  const own = identityOf(span);
  return {
    userId: own.userId || resource.userId,
    conversationId: own.conversationId || resource.conversationId,
  };
}

export function identityOf(attributes: AttributeReader): Identity {
  return {
    userId: attributes.text(userId, endUserId) ?? "",
    conversationId: attributes.text(conversationId, sessionId) ?? "",
  };
}
