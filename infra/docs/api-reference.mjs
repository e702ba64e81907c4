// The query API's page: what openapi.json says, route by route, as Markdown.

/** A schema in a few words: `string, at most 400 characters`, `one of …`, `array of Score`. */
function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return `\`${schema.$ref.split("/").at(-1)}\``;
  const some = schema.anyOf ?? schema.oneOf;
  if (some) return some.map(typeOf).filter(Boolean).join(" or ");
  if (schema.enum) return `one of ${schema.enum.map((value) => `\`${value}\``).join(", ")}`;
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.type === "array") return `array of ${typeOf(schema.items) || "anything"}`;
  const fields = Object.keys(schema.properties ?? {});
  if (fields.length > 0) return `object of ${fields.map((name) => `\`${name}\``).join(", ")}`;
  const bounds = [
    schema.format,
    schema.minimum !== undefined && Math.abs(schema.minimum) < Number.MAX_SAFE_INTEGER && `from ${schema.minimum}`,
    schema.maximum !== undefined && Math.abs(schema.maximum) < Number.MAX_SAFE_INTEGER && `to ${schema.maximum}`,
    schema.default !== undefined && `default \`${JSON.stringify(schema.default)}\``,
  ];
  return [schema.type, ...bounds].filter(Boolean).join(", ");
}

/** Fit for a table's cell, and for VitePress, which takes `<` and `{{` for its own. */
const cell = (text = "") =>
  text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;").replaceAll("{{", "{&#123;");

function table(head, rows) {
  if (rows.length === 0) return [];
  const line = (cells) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}

const properties = (schema) => Object.entries(schema?.properties ?? {});

function fieldRows(schema) {
  const required = new Set(schema?.required ?? []);
  return properties(schema).map(([name, field]) => [
    `\`${name}\`${required.has(name) ? "" : " (optional)"}`,
    typeOf(field),
    field.description,
  ]);
}

function route(path, method, operation) {
  const parameters = (operation.parameters ?? []).map((one) => [
    `\`${one.name}\`${one.required ? "" : " (optional)"}`,
    one.in,
    typeOf(one.schema),
    one.description ?? one.schema?.description,
  ]);
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  const answers = Object.entries(operation.responses ?? {}).map(([status, answer]) => [
    status,
    Object.entries(answer.content ?? {})
      .map(([type, { schema }]) => `${type}${schema ? `: ${typeOf(schema)}` : ""}`)
      .join("; "),
    answer.description,
  ]);
  return [
    `### ${method.toUpperCase()} ${path.replaceAll("{", "\\{")}`,
    "",
    cell(operation.summary ?? ""),
    "",
    ...(operation.description ? [cell(operation.description), ""] : []),
    ...table(["parameter", "in", "is", ""], parameters),
    ...(body?.$ref ? [`Body: ${typeOf(body)}`, ""] : table(["field of the body", "is", ""], fieldRows(body))),
    ...table(["answer", "content", ""], answers),
  ];
}

export function apiReference(openapi) {
  const routes = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => route(path, method, operation)),
  );
  const schemas = Object.entries(openapi.components?.schemas ?? {}).flatMap(([name, schema]) => [
    `### ${name}`,
    "",
    ...(schema.description ? [cell(schema.description), ""] : []),
    ...table(["field", "is", ""], fieldRows(schema)),
    ...(properties(schema).length === 0 ? [cell(typeOf(schema)), ""] : []),
  ]);
  return [
    "# API reference",
    "",
    openapi.info.description,
    "",
    "Made from the OpenAPI document, which a running query API serves at `/openapi.json`. A request carries",
    "`Authorization: Bearer KEY`.",
    "",
    "## Routes",
    "",
    ...routes,
    "## Schemas",
    "",
    ...schemas,
  ].join("\n");
}
