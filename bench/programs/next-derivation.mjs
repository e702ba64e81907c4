// Loaded before a consumer, it makes the program one whose derivation is the next version's: `derivationVersion` + 1.
import { register } from "node:module";

const hooks = `
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith("/derive/derivation-version.js")) return loaded;
  const source = Buffer.from(loaded.source).toString();
  const next = source.replace(/(derivationVersion = )(\\d+)/, (_, before, number) => before + (Number(number) + 1));
  if (next === source) throw new Error("derivation-version.js has no derivationVersion = NUMBER any more");
  return { ...loaded, source: next };
}`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
