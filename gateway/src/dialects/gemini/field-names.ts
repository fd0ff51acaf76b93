import { table } from "../../table.ts";

/** What features within contents, tools and settings are called at Gemini, for reports of what a target cannot express (see CanonicalRequest.fields). */
export const FIELD_NAMES: Readonly<Record<string, string>> = table({
  messages: "contents",
  toolChoice: "toolConfig.functionCallingConfig",
  serviceTier: "serviceTier",
  "parts.image": "inlineData",
  "parts.audio": "inlineData",
  "parts.video": "inlineData",
  "parts.file": "inlineData",
  "tools.web-search": "googleSearch",
  "tools.web-search.blockedDomains": "googleSearch.excludeDomains",
  "tools.code-execution": "codeExecution",
  "tools.url-context": "urlContext",
  // mode VALIDATED, which is what strict tools are here
  "tools.strict": "toolConfig.functionCallingConfig.mode",
  "tools.parameters": "functionDeclarations.parameters",
  "reasoning.show": "generationConfig.thinkingConfig.includeThoughts",
  "audio.voice": "generationConfig.speechConfig",
  "image.size": "generationConfig.imageConfig.imageSize",
});
