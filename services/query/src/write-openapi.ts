import { writeFileSync } from "node:fs";
import { openApiDocument } from "./openapi-document.ts";

/** Writes openapi.json beside package.json: run by `npm run openapi`, held current by a test. */
writeFileSync(new URL("../openapi.json", import.meta.url), await openApiDocument());
