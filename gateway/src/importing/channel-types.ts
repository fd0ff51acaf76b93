import type { OldProduct } from "./old-data.ts";

/** What a channel type of theirs is here. */
export interface ChannelType {
  vendor: string;
  /** their default address, where a channel names none and ours is another */
  base?: string;
}

const openai = (base?: string): ChannelType => ({ vendor: "openai", ...(base === undefined ? {} : { base }) });
const SAME: Record<number, ChannelType> = {
  1: openai(), 3: { vendor: "azure" }, 6: openai("https://api.openaimax.com"), 7: openai("https://api.ohmygpt.com"), 8: openai(), 14: { vendor: "anthropic" },
  16: openai("https://open.bigmodel.cn/api/paas/v4"), 17: { vendor: "qwen", base: "https://dashscope.aliyuncs.com" }, 20: { vendor: "openrouter" }, 24: { vendor: "gemini" },
  25: { vendor: "moonshot", base: "https://api.moonshot.cn" }, 31: openai("https://api.lingyiwanwu.com"),
};

/** Types of both, and of New API since it went its own way (constant/channel.go). What is missing has no vendor here. */
const NEW_API: Record<number, ChannelType> = {
  ...SAME, 2: { vendor: "midjourney" }, 4: { vendor: "ollama", base: "http://localhost:11434" }, 5: { vendor: "midjourney" }, 26: openai("https://open.bigmodel.cn/api/paas/v4"), 27: { vendor: "perplexity" }, 33: { vendor: "bedrock" },
  34: { vendor: "cohere" }, 35: { vendor: "minimax", base: "https://api.minimax.chat" }, 36: { vendor: "suno" }, 38: { vendor: "jina" }, 40: openai("https://api.siliconflow.cn"), 41: { vendor: "vertex" }, 42: { vendor: "mistral" },
  43: { vendor: "deepseek" }, 45: { vendor: "doubao" }, 46: openai("https://qianfan.baidubce.com/v2"), 47: openai(), 48: { vendor: "xai" }, 50: { vendor: "kling", base: "https://api.klingai.com" }, 53: openai("https://llm.submodel.ai"),
  54: { vendor: "doubao" }, 55: openai(), 56: { vendor: "replicate" },
};

/** One API's (relay/channeltype/define.go; those behind 41 from memory). */
const ONE_API: Record<number, ChannelType> = {
  ...SAME, 5: openai("https://api.openai-sb.com"), 26: openai("https://api.baichuan-ai.com"), 27: { vendor: "minimax", base: "https://api.minimax.chat" }, 28: { vendor: "mistral" }, 29: { vendor: "groq" }, 30: { vendor: "ollama", base: "http://localhost:11434" },
  32: openai("https://api.stepfun.com"), 33: { vendor: "bedrock" }, 35: { vendor: "cohere" }, 36: { vendor: "deepseek" }, 39: { vendor: "together" }, 40: { vendor: "doubao" }, 41: openai("https://api.novita.ai/v3/openai"), 42: { vendor: "vertex" },
  44: openai("https://api.siliconflow.cn"), 45: { vendor: "xai" }, 46: { vendor: "replicate" }, 47: openai("https://qianfan.baidubce.com/v2"), 50: openai(),
};

/** The vendor of a channel type; undefined: there is none here. */
export const channelTypeOf = (product: OldProduct, type: number): ChannelType | undefined => (product === "one-api" ? ONE_API : NEW_API)[type];
