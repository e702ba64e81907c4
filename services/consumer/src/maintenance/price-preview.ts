import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { type DerivationParts, type ProposedRule, presentDerivation } from "../derivation.ts";
import { type PreviewedChange, previewReprice } from "./reprice-preview.ts";

export interface PricePreviewRequest {
  /** Not stored; undefined: the rules that are. */
  readonly proposed: ProposedRule | undefined;
  readonly project: string;
  /** Minutes since the epoch, half-open. */
  readonly from: number;
  readonly to: number;
  readonly signal: AbortSignal;
}

/** What a price rule would change of a project, were it stored and applied. Throws CONFIG for a rule that cannot be. */
export type PreviewPrices = (request: PricePreviewRequest) => Promise<readonly PreviewedChange[]>;

/** Rows are valued here, one by one: a look that takes longer than this many seconds is of too long a range. */
const patienceSeconds = 20;

export function createPricePreview(parts: DerivationParts, clickhouse: ClickHouse): PreviewPrices {
  return async function previewPrices({ proposed, project, from, to, signal }) {
    const { valuate } = await presentDerivation(parts, clickhouse, proposed);
    const late = AbortSignal.timeout(patienceSeconds * 1000);
    try {
      const range = { project, from, to };
      return await previewReprice({
        ...{ clickhouse, valuate, range, model: undefined },
        signal: AbortSignal.any([signal, late]),
      });
    } catch (error) {
      if (!late.aborted) throw error;
      throw new SpanhouseError(
        "QUERY_TOO_EXPENSIVE",
        `the preview took longer than ${patienceSeconds} s: expected a shorter range`,
      );
    }
  };
}
