import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { Ownership } from "@spanhouse/schemas/span";
import type { AttributeReader } from "./attribute-reader.ts";
import { clip } from "./short-text.ts";

const serviceName = keyId("service.name");
const environmentName = keyId("deployment.environment.name");
/** Until semantic conventions 1.27. */
const environmentLegacy = keyId("deployment.environment");
const serviceVersion = keyId("service.version");
const cloudRegion = keyId("cloud.region");
const promptName = keyId("gen_ai.prompt.name");
const promptVersion = keyId("gen_ai.prompt.version");

const own = {
  environment: keyId("spanhouse.environment"),
  release: keyId("spanhouse.release"),
  team: keyId("spanhouse.team"),
  costCentre: keyId("spanhouse.cost_centre"),
  feature: keyId("spanhouse.feature"),
  prompt: keyId("spanhouse.prompt"),
  credential: keyId("spanhouse.credential"),
} as const;

/** Who pays and what for. The span's own attributes come before its resource's, as they know more. */
export function readOwnership(span: AttributeReader, resource: Ownership): Ownership {
  const own = ownershipOf(span);
  return {
    environment: own.environment || resource.environment,
    service: own.service || resource.service,
    release: own.release || resource.release,
    region: own.region || resource.region,
    team: own.team || resource.team,
    costCentre: own.costCentre || resource.costCentre,
    feature: own.feature || resource.feature,
    prompt: own.prompt || resource.prompt,
    credential: own.credential || resource.credential,
  };
}

export function ownershipOf(attributes: AttributeReader): Ownership {
  return {
    environment: attributes.text(own.environment, environmentName, environmentLegacy) ?? "",
    service: attributes.text(serviceName) ?? "",
    release: attributes.text(own.release, serviceVersion) ?? "",
    region: attributes.text(cloudRegion) ?? "",
    team: attributes.text(own.team) ?? "",
    costCentre: attributes.text(own.costCentre) ?? "",
    feature: attributes.text(own.feature) ?? "",
    prompt: attributes.text(own.prompt) ?? promptOf(attributes),
    credential: attributes.text(own.credential) ?? "",
  };
}

/** `name@version`, or `name`. */
function promptOf(attributes: AttributeReader): string {
  const name = attributes.text(promptName);
  if (name === undefined) return "";
  const version = attributes.text(promptVersion);
  return version === undefined ? name : clip(`${name}@${version}`);
}
