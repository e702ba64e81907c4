/** A node of the tree that dotted names spell. */
type Node = Map<string, unknown>;

/** No dialect nests deeper; a longer name keeps its rest as one segment. */
const deepest = 8;

/**
 * Attributes with dotted names (`llm.input_messages.0.message.content`) as the JSON that the names spell: whole numbers
 * are positions in a list. Undefined where no name begins with `prefix`.
 */
export function treeOf(attributes: ReadonlyMap<string, unknown>, prefix: string): unknown {
  let tree: Node | undefined;
  for (const [name, value] of attributes) {
    if (!name.startsWith(prefix)) continue;
    tree ??= new Map();
    plant(tree, name.slice(prefix.length), value);
  }
  return tree && plainOf(tree);
}

function plant(tree: Node, name: string, value: unknown): void {
  const path = name.split(".");
  const head = path.slice(0, deepest - 1);
  const last = path.length > head.length ? path.slice(head.length).join(".") : head.pop()!;
  let node = tree;
  for (const segment of head) {
    const next = node.get(segment);
    const grown: Node = next instanceof Map ? next : new Map();
    if (grown !== next) node.set(segment, grown);
    node = grown;
  }
  node.set(last, value);
}

function plainOf(node: unknown): unknown {
  if (!(node instanceof Map)) return node;
  const entries = [...(node as Node)].map(([key, value]) => [key, plainOf(value)] as const);
  if (!entries.every(([key]) => /^\d+$/.test(key))) return Object.fromEntries(entries);
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}
