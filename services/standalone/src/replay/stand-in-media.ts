import { z } from "zod";
import type { CaseSpan } from "./case-file.ts";

/**
 * Of what an SDK takes out of bodies (images, sounds, vectors) only the hash, the size and the beginning are kept. In a
 * replay stand others of the same size that begin alike, so that a program goes on; what it makes of them is not compared.
 */
const mediaSchema = z.array(
  z.object({
    sha256: z.string(),
    bytes: z.number(),
    media_type: z.string().optional(),
    /** The first digits, base64. */
    head: z.string().optional(),
  }),
);

type Medium = z.infer<typeof mediaSchema>[number];

/** A body that is JSON, with a stand-in at the place of each medium of it. */
export function withMedia(body: string, attributes: CaseSpan["attributes"]): string {
  return mediaOf(attributes).reduce(
    (text, medium) => text.replaceAll(`spanhouse:media:${medium.sha256}`, () => standIn(medium)),
    body,
  );
}

/** A stand-in for a body that is a medium as a whole; undefined where it is none, or nothing is told of it. */
export function mediumAsBody(
  body: string,
  attributes: CaseSpan["attributes"],
): { readonly base64: string; readonly mediaType: string } | undefined {
  const [, hash] = /^spanhouse:media:(\w+)$/.exec(body) ?? [];
  const medium = mediaOf(attributes).find(({ sha256 }) => sha256 === hash);
  return medium && { base64: standIn(medium), mediaType: medium.media_type ?? "application/octet-stream" };
}

function mediaOf(attributes: CaseSpan["attributes"]): readonly Medium[] {
  const told = attributes["spanhouse.media"];
  if (typeof told !== "string") return [];
  const media = mediaSchema.safeParse(JSON.parse(told));
  return media.success ? media.data : [];
}

function standIn({ bytes, head = "" }: Medium): string {
  const beginning = Buffer.from(head, "base64");
  return Buffer.alloc(bytes, beginning.length > 0 ? beginning : 0).toString("base64");
}
