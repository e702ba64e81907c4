import type { Answer } from "../answer.ts";
import type { TokenCounts } from "../usage.ts";

/** What a provider's own request and response say; undefined where they do not. */
export interface BodyReading {
  readonly provider?: string | undefined;
  readonly requestModel?: string | undefined;
  readonly responseModel?: string | undefined;
  readonly responseId?: string | undefined;
  readonly serviceTier?: string | undefined;
  readonly usage?: TokenCounts | undefined;
  readonly finishReasons?: readonly string[] | undefined;
  readonly answer?: Answer | undefined;
  /** The provider said in a field of its own that it refused, perhaps with words. */
  readonly refusal?: { readonly text: string } | undefined;
  readonly error?: { readonly type: string; readonly message: string } | undefined;
}
