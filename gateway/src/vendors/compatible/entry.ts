import type { BalanceQuestion, FaultKind, VendorAdapter } from "../_kit/adapter.ts";
import type { MediaAdapter } from "../_kit/media/adapter.ts";
import type { ModelTraits, Traits } from "../_kit/openai-models.ts";

/** One vendor of the OpenAI-compatible family, as data. */
export interface CompatibleVendor {
  id: string;
  displayName: string;
  /** with its version; empty for servers of one's own, which are configured by their address */
  baseUrl: string;
  /** customary variables of the credential; none is needed where `keyless` */
  keys: readonly string[];
  baseUrlVariable: string;
  /** appended to a base URL that has no version; `/v1` unless said */
  version?: string;
  keyless?: true;
  /** what all its models do differently from OpenAI's (traits of the `openai-chat` codec) */
  traits: Traits;
  /** what some do beside that, by the model's name at the vendor */
  models?: ModelTraits;
  /** codes or types of errors that mean something else than their status (or than OpenAI's word of that name) */
  codes?: Readonly<Record<string, FaultKind>>;
  sentences?: readonly (readonly [RegExp, FaultKind])[];
  /** OpenAI's images endpoints in its own words, and whether a refusal's body is its content policy's */
  images?: NonNullable<VendorAdapter["images"]>;
  /** its slow work */
  media?: MediaAdapter;
  isPolicy?: (body: string) => boolean;
  /** a free address that answers 200 to a good credential */
  testPath?: string;
  /** where it tells what is left of an account, below the version unless `bare`, and how its answer reads */
  balance?: { path: string; bare?: true; read: BalanceQuestion["read"] };
}
