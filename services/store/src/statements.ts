/** What may hold a `;` that ends nothing, or the end itself: quoted text, comments, a `;` with only blanks behind it. */
const token =
  /'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`\\]|\\[\s\S]|``)*`|"(?:[^"\\]|\\[\s\S]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|;[ \t]*(?:--[^\n]*)?(?=\r?\n|$)/g;

/** The statements of an SQL file. Each ends with a `;` at the end of a line, the last one may do without. */
export function statementsOf(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  for (const { 0: text, index } of sql.matchAll(token)) {
    if (!text.startsWith(";")) continue;
    statements.push(sql.slice(start, index));
    start = index + text.length;
  }
  statements.push(sql.slice(start));
  return statements.map((statement) => statement.trim()).filter(hasCode);
}

/** Not only comments: the server refuses an empty query. */
function hasCode(statement: string): boolean {
  return statement.replace(token, (text) => (/^--|^\/\*/.test(text) ? "" : text)).trim() !== "";
}
