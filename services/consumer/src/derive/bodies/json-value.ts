export * from "@spanhouse/schemas/json-value";
