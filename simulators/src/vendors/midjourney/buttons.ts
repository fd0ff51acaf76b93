/** The buttons under a result, and what each does (Discord's component ids, as the plus proxies pass them on). */
import type { JsonObject } from "../../kit/json.ts";

const button = (customId: string, label: string, emoji = "", style = 2): JsonObject => ({ customId, emoji, label, type: 2, style });
const each = (count: number, make: (index: number) => JsonObject): JsonObject[] => Array.from({ length: count }, (_, index) => make(index + 1));
/** "1️⃣" and so on. */
export const digit = (index: number): string => `${index}\uFE0F\u20E3`;

const grid = (job: string): JsonObject[] => [
  ...each(4, (index) => button(`MJ::JOB::upsample::${index}::${job}`, `U${index}`)),
  button(`MJ::JOB::reroll::0::${job}::SOLO`, "", "🔄"),
  ...each(4, (index) => button(`MJ::JOB::variation::${index}::${job}`, `V${index}`)),
];

const single = (job: string): JsonObject[] => [
  button(`MJ::JOB::upsample_v6_2x_subtle::1::${job}::SOLO`, "Upscale (Subtle)", "upscale_1"),
  button(`MJ::JOB::upsample_v6_2x_creative::1::${job}::SOLO`, "Upscale (Creative)", "upscale_1"),
  button(`MJ::JOB::low_variation::1::${job}::SOLO`, "Vary (Subtle)", "🪄"),
  button(`MJ::JOB::high_variation::1::${job}::SOLO`, "Vary (Strong)", "🪄"),
  button(`MJ::Inpaint::1::${job}::SOLO`, "Vary (Region)", "🖌️"),
  button(`MJ::Outpaint::50::1::${job}::SOLO`, "Zoom Out 2x", "🔍"),
  button(`MJ::Outpaint::75::1::${job}::SOLO`, "Zoom Out 1.5x", "🔍"),
  button(`MJ::CustomZoom::${job}`, "Custom Zoom", "🔍"),
  ...["left", "right", "up", "down"].map((side, index) => button(`MJ::JOB::pan_${side}::1::${job}::SOLO`, "", ["⬅️", "➡️", "⬆️", "⬇️"][index])),
  button(`MJ::JOB::animate_high::1::${job}::SOLO`, "Animate (High motion)", "🎞️"),
  button(`MJ::JOB::animate_low::1::${job}::SOLO`, "Animate (Low motion)", "🎞️"),
  button(`MJ::BOOKMARK::${job}`, "Favorite", "❤️"),
];

/** Takes an action and its job; gives the buttons under its result. */
export function buttonsOf(action: string, job: string): JsonObject[] {
  switch (action) {
    case "IMAGINE":
    case "BLEND":
    case "VARIATION":
    case "REROLL":
    case "PAN":
    case "ZOOM":
    case "CUSTOM_ZOOM":
    case "INPAINT":
    case "EDITS":
      return grid(job);
    case "UPSCALE":
      return single(job);
    case "DESCRIBE":
      return [...each(4, (index) => button(`MJ::Job::PicReader::${index}`, "", digit(index))), button("MJ::Picread::Retry", "", "🔄"), button("MJ::Job::PicReader::all", "Imagine all", "🎉")];
    case "SHORTEN":
      return each(5, (index) => button(`MJ::Job::PromptAnalyzer::${index}`, "", digit(index)));
    case "VIDEO":
      return [...each(4, (index) => button(`MJ::JOB::video_virtual_upscale::${index}::${job}`, `U${index}`)), ...each(4, (index) => button(`MJ::JOB::animate_low_extend::${index}::${job}`, `Extend ${index}`))];
    default:
      return [];
  }
}

/** Takes a button's id; gives the action that it starts, `undefined` for one that cannot be pressed through the proxy. */
export function actionOf(customId: string): string | undefined {
  if (/::BOOKMARK::|PicReader::all/.test(customId)) return undefined;
  if (/::Picread::Retry/.test(customId)) return "DESCRIBE";
  if (/::(PicReader|PromptAnalyzer)::/.test(customId)) return "IMAGINE";
  if (/::CustomZoom::/.test(customId)) return "CUSTOM_ZOOM";
  if (/::Inpaint::/.test(customId)) return "INPAINT";
  if (/::Outpaint::/.test(customId)) return "ZOOM";
  if (/::pan_/.test(customId)) return "PAN";
  if (/::reroll::/.test(customId)) return "REROLL";
  if (/variation::/.test(customId)) return "VARIATION";
  if (/::animate_/.test(customId)) return "VIDEO";
  return /::(upsample|video_virtual_upscale)/.test(customId) ? "UPSCALE" : undefined;
}

/** Takes a button's id; tells whether pressing it opens a window that must be confirmed. */
export const opensWindow = (customId: string): boolean => /::(CustomZoom|Inpaint)::/.test(customId);
