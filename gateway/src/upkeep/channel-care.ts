import type { Catalog } from "../catalog/index.ts";
import type { Channel } from "../channels/channel.ts";
import type { Egress } from "../egress/upstream.ts";
import type { Balance } from "../vendors/_kit/adapter.ts";
import { VENDORS } from "../vendors/registry.ts";
import { askVendor, testAddress } from "./ask-vendor.ts";
import { modelNamesIn } from "./vendor-models.ts";

/** What one credential of a channel is worth at its vendor. */
export interface KeyTest {
  /** position of the credential in the channel */
  key: number;
  ok: boolean;
  status: number;
  note: string;
  ms: number;
}

/** Asks the vendor with each credential of a channel whether it is good: free, and without a model. */
export const testChannel = (channel: Channel, egress: Egress): Promise<KeyTest[]> =>
  Promise.all(
    channel.credentials.map(async (_, key) => {
      const { ok, status, note, ms } = await askVendor(channel, key, testAddress(channel), egress);
      return { key, ok, status, note, ms };
    }),
  );

/** A model that the vendor says it has. `id`: the catalog's, where it knows the name. */
export interface VendorModel {
  name: string;
  id: string | null;
}

/** The models that a channel's vendor lists, and which of them the catalog knows. `note` tells why there are none. */
export async function channelModels(channel: Channel, catalog: Catalog, egress: Egress): Promise<{ models: VendorModel[]; note: string }> {
  const answer = await askVendor(channel, 0, testAddress(channel), egress);
  if (!answer.ok) return { models: [], note: answer.note || "no answer" };
  const names = modelNamesIn(parsed(answer.body));
  return { models: names.map((name) => ({ name, id: catalog.find(name)?.id ?? null })), note: names.length === 0 ? "The vendor has no list of models here." : "" };
}

export interface KeyBalance {
  key: number;
  balances: Balance[];
  note: string;
}

/** What is left of each account of a channel, where its vendor tells; undefined where it has no such address. */
export async function channelBalances(channel: Channel, egress: Egress): Promise<KeyBalance[] | undefined> {
  const question = VENDORS.get(channel.vendor)?.balance;
  if (!question) return undefined;
  return Promise.all(
    channel.credentials.map(async (_, key) => {
      const answer = await askVendor(channel, key, question.address(channel.baseUrl), egress);
      const body = parsed(answer.body);
      const balances = answer.ok && typeof body === "object" && body !== null ? question.read(body as Record<string, unknown>) : [];
      return { key, balances, note: answer.ok ? (balances.length === 0 ? "The answer does not tell." : "") : answer.note || "no answer" };
    }),
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
