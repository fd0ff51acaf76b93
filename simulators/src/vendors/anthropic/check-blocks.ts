/** What the real API refuses in the blocks of a conversation, with its own words. */
import { asList, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { isPicture } from "../../kit/media/input-file.ts";

const blocksOf = (message: unknown): JsonObject[] => asList(asObject(message)["content"]).map(asObject);

function picture(block: JsonObject, at: string): string | undefined {
  const source = asObject(block["source"]);
  if (block["type"] !== "image" || source["type"] !== "base64") return undefined;
  return isPicture(asText(source["data"])) ? undefined : `${at}.image.source.base64.data: Could not process image`;
}

/** Takes the messages; gives the error text for pictures that are none, ids that come twice and results without their call. */
export function faultOfBlocks(messages: readonly unknown[]): string | undefined {
  const known = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const before = new Set(blocksOf(messages[index - 1]).map((block) => (block["type"] === "tool_use" ? asText(block["id"]) : "")));
    for (const [place, block] of blocksOf(message).entries()) {
      const at = `messages.${index}.content.${place}`;
      if (block["type"] === "tool_use") {
        const id = asText(block["id"]);
        if (known.has(id)) return `${at}: \`tool_use\` ids must be unique`;
        known.add(id);
      }
      if (block["type"] === "tool_result" && !before.has(asText(block["tool_use_id"])))
        return `${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${asText(block["tool_use_id"])}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
      for (const [inner, one] of [block, ...asList(block["content"]).filter(isObject)].entries()) {
        const fault = picture(one, inner === 0 ? at : `${at}.content.${inner - 1}`);
        if (fault !== undefined) return fault;
      }
    }
  }
  return undefined;
}
