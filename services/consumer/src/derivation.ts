import { readFile } from "node:fs/promises";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createActivations } from "@spanhouse/store/activations";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createRuleHistory, type StoredRule } from "@spanhouse/store/rule-history";
import { derivationVersion } from "./derive/derivation-version.ts";
import { createDeriver } from "./derive/derive-span.ts";
import { createUsageEstimator, type EstimateUsage } from "./derive/estimate-usage.ts";
import { createOwnershipRules, type FileRule, parseOwnershipFile } from "./derive/ownership-rules.ts";
import { createGenaiList } from "./derive/price/genai-list.ts";
import type { ListPrices } from "./derive/price/list-prices.ts";
import { createPriceBook } from "./derive/price/price-book.ts";
import { createPriceRules } from "./derive/price/price-rules.ts";
import { createValuation, type Valuation, type ValuedCall } from "./derive/valuate.ts";
import type { Derivation } from "./derive-batch.ts";

export interface DerivationParts {
  readonly listPrices: ListPrices;
  /** Rules of the deployment's own file; all its consumers must have the same. */
  readonly ownershipFile?: readonly FileRule[];
  /** Estimates tokens where a call does not say them; without it they stay unknown. */
  readonly estimateUsage?: EstimateUsage;
}

/**
 * The derivation in force now. Asked at the start of a flush, and again when its rows are acknowledged: if the number
 * moved, the flush is derived anew (docs/exactness.md). One small question to the store; what it reads and compiles
 * changes only when a rule does.
 */
export type CurrentDerivation = () => Promise<Derivation>;

/** A derivation over the store that a consumer writes to. */
export type DerivationSource = (clickhouse: ClickHouse) => () => Promise<ActiveDerivation>;

/** A derivation with what a re-pricer needs of it. */
export interface ActiveDerivation extends Derivation {
  /** Owners and price of a stored row by what is in force now, from its columns alone. */
  readonly valuate: (row: ValuedCall) => Valuation;
}

export interface DerivationOptions {
  /** A YAML file; empty: none. */
  readonly ownershipFile: string;
  /** Whether tokens are counted in the texts of calls that do not say them. */
  readonly estimates: boolean;
}

/** The derivation of a deployment. Throws CONFIG for a file that cannot be read or has no such rules. */
export async function loadDerivation(options: DerivationOptions): Promise<DerivationSource> {
  return createDerivation(await loadDerivationParts(options));
}

/** What a deployment derives by beside the rules of its store. Throws as `loadDerivation`. */
export async function loadDerivationParts({ ownershipFile, estimates }: DerivationOptions): Promise<DerivationParts> {
  return {
    listPrices: await createGenaiList(),
    ownershipFile: ownershipFile === "" ? [] : parseOwnershipFile(ownershipFile, await textOf(ownershipFile)),
    ...(estimates && { estimateUsage: createUsageEstimator() }),
  };
}

/** What the parts and the rules that the store has now make of a call. Activates nothing, and writes nothing. */
export interface PresentDerivation extends Pick<ActiveDerivation, "derive" | "valuate"> {
  /** Differs whenever some row could come out differently. */
  readonly fingerprint: string;
}

export async function presentDerivation(
  { listPrices, ownershipFile = [], estimateUsage }: DerivationParts,
  clickhouse: ClickHouse,
  proposed?: ProposedRule,
): Promise<PresentDerivation> {
  const prices = createRuleHistory(clickhouse, "prices");
  const ownership = createRuleHistory(clickhouse, "ownership_rules");
  const priceBook = createPriceBook(listPrices, createPriceRules(withProposed(await prices.inForce(), proposed)));
  const ownershipRules = createOwnershipRules(await ownership.inForce(), ownershipFile);
  return {
    valuate: createValuation({ priceBook, ownershipRules }),
    derive: createDeriver({ priceBook, ownershipRules, ...(estimateUsage && { estimateUsage }) }),
    fingerprint: [
      priceBook.fingerprint,
      `ownership:${ownershipRules.fingerprint}`,
      `estimates:${estimateUsage?.fingerprint ?? "off"}`,
    ].join(";"),
  };
}

/** A price rule that is not stored, in place of the one of its name. */
export type ProposedRule = Pick<StoredRule, "project" | "name" | "rule">;

function withProposed(inForce: readonly StoredRule[], proposed: ProposedRule | undefined): readonly StoredRule[] {
  if (!proposed) return inForce;
  const { project, name } = proposed;
  const same = (rule: StoredRule) => rule.project === project && rule.name === name;
  const version = (inForce.find(same)?.version ?? 0) + 1;
  return [...inForce.filter((rule) => !same(rule)), { ...proposed, version, changedBy: "", reason: "", changedAt: "" }];
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new SpanhouseError("CONFIG", `SPANHOUSE_OWNERSHIP_FILE: ${path} cannot be read`, { cause });
  }
}

interface Seen {
  readonly prices: string;
  readonly ownership: string;
  readonly number: number;
  readonly fingerprint: string;
}

/**
 * This program's derivation with the rules that the store has now, under the activation numbers of both. A consumer
 * activates what it derives with: when it starts, and when a rule has changed. That another program (another version,
 * another file) has activated a later number since changes nothing for this one: it cannot derive by it.
 */
export function createDerivation(parts: DerivationParts): DerivationSource {
  return function derivationOf(clickhouse) {
    const activations = createActivations(clickhouse);
    let active:
      | { readonly state: string; readonly fingerprint: string; readonly derivation: ActiveDerivation }
      | undefined;

    /** Tables that are only appended to: they are the same as long as they have as many rows. */
    async function seen(): Promise<Seen> {
      const [row] = await clickhouse.query<Seen>(
        `SELECT toString((SELECT count() FROM prices)) AS prices,
           toString((SELECT count() FROM ownership_rules)) AS ownership, number, fingerprint
         FROM (SELECT 0 AS number, '' AS fingerprint
           UNION ALL SELECT number, fingerprint FROM activations WHERE kind = 'price')
         ORDER BY number DESC, fingerprint LIMIT 1`,
      );
      return row!;
    }

    return async function currentDerivation() {
      const now = await seen();
      const state = `${now.prices} ${now.ownership}`;
      if (active?.state === state) {
        if (active.fingerprint === now.fingerprint && active.derivation.price !== now.number) {
          active = { ...active, derivation: { ...active.derivation, price: now.number } };
        }
        return active.derivation;
      }
      const { fingerprint, derive, valuate } = await presentDerivation(parts, clickhouse);
      active = {
        ...{ state, fingerprint },
        derivation: {
          ...{ valuate, derive },
          code: active?.derivation.code ?? (await activations.activate("code", String(derivationVersion))),
          price: await activations.activate("price", fingerprint),
        },
      };
      return active.derivation;
    };
  };
}
