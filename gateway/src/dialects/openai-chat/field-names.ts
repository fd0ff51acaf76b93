import { table } from "../../table.ts";

/** What features within messages, tools and settings are called in chat completions, for reports of what a target cannot express (see CanonicalRequest.fields). */
export const FIELD_NAMES: Readonly<Record<string, string>> = table({
  "messages.name": "name",
  "parts.image": "image_url",
  "parts.image.detail": "image_url.detail",
  "parts.audio": "input_audio",
  "parts.audio.spoken": "audio",
  "parts.video": "video_url",
  "parts.file": "file",
  "parts.refusal": "refusal",
  "tools.web-search.contextSize": "web_search_options.search_context_size",
  "tools.web-search.userLocation": "web_search_options.user_location",
  "tools.strict": "function.strict",
  "tools.parameters": "function.parameters",
  "tools.format": "custom.format",
  "reasoning.show": "reasoning.exclude",
  "image.size": "image_config.image_size",
});
