import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import type { BillApi, DayRange } from "./bill-source.ts";

/** The document of an answer. Throws CONFIG where the key is not taken, else what the provider said. */
export async function documentOf(asked: string, response: Response, key: string): Promise<unknown> {
  if (response.ok) return response.json();
  const said = `${asked}: ${response.status} ${(await response.text()).slice(0, 300)}`;
  if ([401, 403].includes(response.status)) {
    throw new SpanhouseError("CONFIG", `--key-env: expected ${key}; ${said}`);
  }
  throw new Error(said);
}

export interface BillRequest {
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
}

export interface PagedBill {
  readonly headers: (key: string) => Readonly<Record<string, string>>;
  readonly requests: (days: DayRange) => readonly BillRequest[];
}

const administratorsKey = "an administrator's key of the provider";
const pageSchema = z.looseObject({ has_more: z.boolean().default(false), next_page: z.string().nullish() });

/** Of providers whose pages are `{data, has_more, next_page}`, the next one asked for with `page`. */
export function pagedBill({ headers, requests }: PagedBill): Pick<BillApi, "key" | "pages"> {
  return {
    key: administratorsKey,
    async *pages({ url, key, days, signal }) {
      for (const { path, query } of requests(days)) {
        for (let next: string | undefined, more = true; more; ) {
          const search = new URLSearchParams();
          for (const [name, value] of query) search.append(name, value);
          if (next) search.append("page", next);
          const response = await fetch(`${url}${path}?${search}`, { headers: headers(key), signal });
          const page = await documentOf(`GET ${path}`, response, administratorsKey);
          yield page;
          const { has_more, next_page } = pageSchema.parse(page);
          next = next_page ?? undefined;
          more = has_more && next !== undefined;
        }
      }
    },
  };
}
