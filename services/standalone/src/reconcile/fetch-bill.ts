import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import type { BillApi, BillRequest, DayRange } from "./bill-source.ts";

export interface FetchBill {
  readonly api: BillApi;
  /** Other than the provider's own: of a proxy, or a test. */
  readonly url: string | undefined;
  readonly key: string;
  readonly days: DayRange;
  readonly signal: AbortSignal;
}

const pageSchema = z.looseObject({ has_more: z.boolean().default(false), next_page: z.string().nullish() });

/** Every page of every account that the provider has of the days. Throws CONFIG for a key that it does not take. */
export async function fetchBill({ api, url = api.url, key, days, signal }: FetchBill): Promise<readonly unknown[]> {
  async function pageOf({ path, query }: BillRequest, page: string | undefined): Promise<unknown> {
    const search = new URLSearchParams();
    for (const [name, value] of query) search.append(name, value);
    if (page) search.append("page", page);
    const response = await fetch(`${url.replace(/\/+$/, "")}${path}?${search}`, { headers: api.headers(key), signal });
    if (response.ok) return response.json();
    const said = `GET ${path}: ${response.status} ${(await response.text()).slice(0, 300)}`;
    if ([401, 403].includes(response.status)) {
      throw new SpanhouseError("CONFIG", `--key-env: expected an administrator's key of the provider; ${said}`);
    }
    throw new Error(said);
  }

  const pages: unknown[] = [];
  for (const request of api.requests(days)) {
    for (let next: string | undefined, more = true; more; ) {
      const page = await pageOf(request, next);
      pages.push(page);
      const { has_more, next_page } = pageSchema.parse(page);
      next = next_page ?? undefined;
      more = has_more && next !== undefined;
    }
  }
  return pages;
}
