import type { Attributes } from "@spanhouse/schemas/otlp/attributes";
import { type Slice, sliceOf } from "@spanhouse/schemas/slice";
import type { AttributeReader } from "../attribute-reader.ts";

/** A node of the tree that dotted names spell. */
type Node = Map<string, Node | unknown>;

/** No dialect nests deeper; a longer name keeps its rest as one segment. */
const deepest = 8;

/**
 * Messages spread over dotted names (`gen_ai.prompt.0.role`, `llm.input_messages.1.message.content`) as the JSON that
 * the names spell: whole numbers are positions in a list. Undefined where no name begins so.
 */
export function readIndexed(reader: AttributeReader, prefix: Uint8Array): Slice | undefined {
  const { attributes } = reader;
  let tree: Node | undefined;
  for (let index = 0; index < attributes.length; index++) {
    if (attributes.keyId(index) !== 0 || !attributes.keyStartsWith(index, prefix)) continue;
    tree ??= new Map();
    plant(tree, attributes, index, prefix.length);
    reader.used.push(index);
  }
  return tree && sliceOf(JSON.stringify(plainOf(tree)));
}

function plant(tree: Node, attributes: Attributes, index: number, prefixLength: number): void {
  const path = attributes.key(index).slice(prefixLength).split(".");
  const head = path.slice(0, deepest - 1);
  const last = path.length > head.length ? path.slice(head.length).join(".") : head.pop()!;
  let node = tree;
  for (const segment of head) {
    const next = node.get(segment);
    if (next instanceof Map) {
      node = next;
    } else {
      const grown: Node = new Map();
      node.set(segment, grown);
      node = grown;
    }
  }
  node.set(last, attributes.json(index));
}

function plainOf(node: unknown): unknown {
  if (!(node instanceof Map)) return node;
  const entries = [...(node as Node)].map(([key, value]) => [key, plainOf(value)] as const);
  const isList = entries.every(([key]) => /^\d+$/.test(key));
  if (!isList) return Object.fromEntries(entries);
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}
