import type { KeyAuthority } from "@spanhouse/store/api-keys";
import { z } from "zod";
import { type Role, roles } from "./roles.ts";
import type { SessionTokens } from "./session-tokens.ts";

/** Who has logged in by OpenID Connect, and what they may do; the project is the one that they look at. */
export const personSchema = z.object({
  sub: z.string(),
  name: z.string(),
  project: z.string(),
  roles: z.record(z.string(), z.enum(["viewer", "admin"])),
});
export type Person = z.infer<typeof personSchema>;

/** For so long a log-in holds: roles that were taken away since end with it, seconds. */
export const personSeconds = 8 * 3600;

/** Tells a person's session from a key. */
const mark = "shs_";

export interface PersonSessions extends KeyAuthority {
  seal(person: Person): Promise<string>;
  personOf(session: string | undefined): Promise<Person | undefined>;
}

/** What a session's cookie holds: a key, or a person. `keys` says what a key may do. */
export function createPersonSessions(keys: KeyAuthority, tokens: SessionTokens): PersonSessions {
  async function personOf(session: string | undefined): Promise<Person | undefined> {
    return session?.startsWith(mark) ? tokens.open(session.slice(mark.length), personSchema) : undefined;
  }
  return {
    personOf,
    seal: async (person) => `${mark}${await tokens.seal(person, personSeconds)}`,
    async authenticate(session) {
      if (!session?.startsWith(mark)) return keys.authenticate(session);
      const person = await personOf(session);
      const role: Role | undefined = person?.roles[person.project];
      if (!person || !role) return { kind: "unknown" };
      return { kind: "granted", project: person.project, scopes: roles[role], keyId: `oidc:${person.sub}` };
    },
  };
}
