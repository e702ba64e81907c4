import type { DecodedResource } from "./otlp/decoded.ts";
import { keyId } from "./otlp/key-registry.ts";

/** On the resource of every span that a Spanhouse sends about itself: which one it is. */
export const installationAttribute = "spanhouse.installation";
const installation = keyId(installationAttribute);

/** Which Spanhouse the spans of a resource are about; undefined: none. */
export function installationOf({ attributes }: DecodedResource): string | undefined {
  const at = attributes.find(installation);
  return at < 0 ? undefined : attributes.text(at);
}
