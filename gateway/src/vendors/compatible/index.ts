import { type BalanceQuestion, trimSlashes, type VendorAdapter } from "../_kit/adapter.ts";
import { bearer, classifyOpenAI, OPENAI_CODES, versioned } from "../_kit/openai-api.ts";
import { traitsOf } from "../_kit/openai-models.ts";
import type { CompatibleVendor } from "./entry.ts";
import { HOSTED, LOCAL } from "./family.ts";

/** The adapter of one line of the family's table. */
export function compatibleAdapter(vendor: CompatibleVendor): VendorAdapter {
  const words = { codes: { ...OPENAI_CODES, ...vendor.codes }, ...(vendor.sentences ? { sentences: vendor.sentences } : {}) };
  const version = vendor.version ?? "/v1";
  return {
    id: vendor.id,
    displayName: vendor.displayName,
    dialects: ["openai-chat"],
    ownWay: true,
    defaultBaseUrl: vendor.baseUrl,
    environment: { keys: vendor.keys, baseUrl: vendor.baseUrlVariable },
    ...(vendor.keyless ? { keyless: true } : {}),
    testPath: vendor.testPath ?? "/models",
    traits: traitsOf(vendor.traits, vendor.models ?? []),
    address: (baseUrl, endpoint) => `${versioned(baseUrl, version)}${endpoint.upstreamPath}`,
    authorize: bearer,
    ...(vendor.balance ? { balance: balanceQuestion(vendor.balance, version) } : {}),
    ...(vendor.images ? { images: vendor.images } : {}),
    ...(vendor.media ? { media: vendor.media } : {}),
    classify: (status, body) => {
      const fault = classifyOpenAI(status, body, words);
      return fault.kind === "caller" && vendor.isPolicy?.(body) ? { ...fault, policy: true } : fault;
    },
  };
}

const balanceQuestion = ({ path, bare, read }: NonNullable<CompatibleVendor["balance"]>, version: string): BalanceQuestion => ({
  address: (baseUrl) => `${bare ? trimSlashes(baseUrl).replace(/\/v\d+$/, "") : versioned(baseUrl, version)}${path}`,
  read,
});

/** The OpenAI-compatible family. */
export const compatible: readonly VendorAdapter[] = [...HOSTED, ...LOCAL].map(compatibleAdapter);
