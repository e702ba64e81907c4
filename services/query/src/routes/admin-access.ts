import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Actor, Administration } from "@spanhouse/store/administration";
import type { FastifyRequest } from "fastify";
import type { KeyOf } from "../access.ts";
import { rfc3339 } from "../time-range.ts";

/** Who asks, and what is done for them. */
export interface AdminAccess {
  readonly adminOf: (request: FastifyRequest) => Promise<Actor>;
  readonly administration: Administration;
}

export function createAdminAccess(keyOf: KeyOf, administration: Administration): AdminAccess {
  return {
    administration,
    async adminOf(request) {
      const { project, keyId } = await keyOf(request, "admin");
      return { project, by: keyId };
    },
  };
}

export function atSecond(seconds: number): string {
  return rfc3339(BigInt(seconds) * 1_000_000_000n);
}

/** What a rule cannot be is a wrong parameter where it comes in a request. */
export async function asParameter<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof SpanhouseError) || error.code !== "CONFIG") throw error;
    throw new SpanhouseError("INVALID_PARAMETER", error.message, { cause: error });
  }
}
