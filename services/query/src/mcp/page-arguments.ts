import { z } from "zod";

/** The arguments by which lists and texts are read on. */
export const offsetArgument = z.number().int().min(0).default(0).describe("next_offset of the page before");

export const limitArgument = (most: number, otherwise: number) => z.number().int().min(1).max(most).default(otherwise);

export const cursorArgument = z.string().max(1000).optional().describe("next_cursor of the page before");
