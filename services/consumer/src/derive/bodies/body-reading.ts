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
  /** The provider said in a field of its own that a filter of its own stopped the prompt or the answer. */
  readonly filtered?: boolean | undefined;
  /** `status` is an HTTP status, 0 where the body has none. */
  readonly error?: { readonly type: string; readonly message: string; readonly status?: number } | undefined;
}

/** Reads one provider's bodies: the first format that recognises one of them reads them all. */
export interface BodyFormat {
  readonly recognises: (body: Readonly<Record<string, unknown>>) => boolean;
  /** One response, or the events of a streamed one. */
  readonly read: (bodies: readonly Readonly<Record<string, unknown>>[]) => BodyReading;
}
