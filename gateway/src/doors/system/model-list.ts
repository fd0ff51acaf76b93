import { isClosed, mayUseGroup, type Model } from "../../catalog/index.ts";
import { purposeOf } from "../../relay/purpose.ts";
import { vendorName } from "../../channels/channel.ts";
import type { ApiServices } from "../api/services.ts";
import { isOffered } from "../models.ts";
import { usualPrice } from "../pricing/usual-price.ts";
import { table } from "../../table.ts";

const PICO_PER_USD = 1e12;
const TASK_ADDRESS = "/task/submit";
/** What a model puts out, as a heading. */
const KINDS: Record<string, string> = table({ embedding: "Embedding", moderation: "Moderation", ranking: "Rerank", audio: "Audio", transcript: "Audio", image: "Image", video: "Video", music: "Music", text: "Text" });

function kindOf({ kind, modalities: { output } }: Model): string {
  if (kind !== undefined && KINDS[kind] !== undefined) return KINDS[kind];
  const [only] = output.filter((kind) => kind !== "text");
  return only === undefined || output.includes("text") ? "Chat" : (KINDS[only] ?? "Chat");
}

/** Where a model is called first: what runs as a task is nobody's answer at once. */
export const callAddress = (model: Model): string => (model.kind === undefined ? purposeOf(model).address : TASK_ADDRESS);

/** Every model that some key of the account could call, and those that its vendor has retired. */
export function modelList({ catalog, channels, clock }: ApiServices, userId: string) {
  const now = catalog();
  const groups = now.groups().filter((group) => mayUseGroup(group, Number(userId)));
  const isServed = (model: Model): boolean => groups.some((group) => isOffered(model, group, false, channels, clock.now()));
  // Retired is what is answered so: of what its vendor closed another source may still make it.
  const isRetired = (model: Model): boolean => isClosed(model, clock.now()) && !isServed(model);
  return now
    .models()
    .filter((model) => model.compiled && (isRetired(model) || isServed(model)))
    .map((model) => {
      const request = model.compiled?.base.unit.request;
      return {
        model_name: model.id,
        provider_name: vendorName(model.vendor),
        price_per_request: request === undefined ? usualPrice(model) : Number(request) / PICO_PER_USD,
        uptime: !isRetired(model) && channels.isUp(model) ? 1 : 0,
        is_deprecation: isRetired(model) ? 1 : 0,
        category: `${kindOf(model)}, ${vendorName(model.vendor)}`,
        endpoint: callAddress(model),
        docs: "/openapi.json",
      };
    });
}
