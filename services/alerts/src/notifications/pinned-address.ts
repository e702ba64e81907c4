import { lookup as systemLookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";

/** Where a request may go: one address, looked up once, checked, and used for the connection itself. */
export type PinnedAddress =
  | { readonly kind: "allowed"; readonly address: string; readonly family: 4 | 6 }
  | { readonly kind: "refused"; readonly message: string };

export type LookUp = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const everyAddress: LookUp = (host) => systemLookup(host, { all: true, verbatim: true });

/**
 * Resolves a host and refuses it where any of its addresses is not a public one: a name that a stranger points at this
 * network would otherwise reach what only this network may. What is connected to afterwards is the address that was
 * checked, so that a second answer of the name server changes nothing.
 */
export async function pinAddress(
  host: string,
  { allowPrivate, lookUp = everyAddress }: { readonly allowPrivate: boolean; readonly lookUp?: LookUp },
): Promise<PinnedAddress> {
  const bare = host.replace(/^\[|\]$/g, "");
  const found = await lookUp(bare).catch((error: unknown) => String(error));
  if (typeof found === "string") return { kind: "refused", message: `${host} cannot be resolved: ${found}` };
  const [first] = found;
  if (first === undefined) return { kind: "refused", message: `${host} has no address` };
  const closed = allowPrivate ? undefined : found.find(({ address }) => !isPublic(address));
  if (closed) {
    const range = rangeOf(closed.address);
    return {
      kind: "refused",
      message: `${host} is ${closed.address} (${range}); expected a public address, or allow_private: true`,
    };
  }
  return { kind: "allowed", address: first.address, family: first.family === 6 ? 6 : 4 };
}

function isPublic(address: string): boolean {
  return rangeOf(address) === "unicast";
}

/** Of an IPv4 address in IPv6's clothes, that of the IPv4 address. */
function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).range() : "no address";
}
