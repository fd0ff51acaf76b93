import type { CompiledPrices, Model } from "../catalog/index.ts";
import { evaluate, hasPriceFor, worstCaseNano } from "../catalog/index.ts";
import type { Plan, Target } from "../channels/plan.ts";
import { CHAT_DIALECTS, type CallFacts, type MediaFacts } from "../dialects/canonical/dialect.ts";
import { FormScan } from "../dialects/canonical/form-scan.ts";
import type { Usage } from "../dialects/canonical/usage.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import { admitModel, planOverGroups, refuseTaskModel, refuseWithoutChannel, type Terms } from "./model-access.ts";
import { drawingNano } from "./drawn.ts";
import { pricedUnits } from "./priced-units.ts";
import { refuseOtherPurpose } from "./purpose.ts";
import { drawsOf } from "./same-account.ts";
import { type BodyScan, readFacts } from "./request-body.ts";
import type { RequestTranslator } from "./request-translator.ts";
import { refuseUnpriced } from "./unpriced.ts";

/** Output a hold assumes when the caller's own limit is higher or missing: agents send max_tokens 64000 and use a few hundred. */
const EXPECTED_OUTPUT_TOKENS = 2_048;
/** Assumed limit of a model whose record names none. */
const OUTPUT_TOKENS_MAX = 65_536;

/** All that is known of a request before money and vendors come in. */
export interface Admission {
  scan: BodyScan;
  facts: CallFacts;
  /** at the prices of `terms` */
  model: Model;
  /** at whose prices; of several groups that could serve, the one whose account is being asked */
  terms: Terms;
  /** those of the accounts that other groups serve by; undefined: all are the same */
  termsOf: ReadonlyMap<Target, Terms> | undefined;
  priceVersion: string;
  /** the name under which health keeps the model for this endpoint */
  healthModel: string;
  plan: Plan;
  expectedNano: number;
  worstNano: number;
  /** of prompt and answer, as the hold assumes them; 0 for what is not measured in tokens */
  expectedTokens: number;
  /** puts the request into other words, once a target has needed that */
  translator?: RequestTranslator;
}

/** What is wanted, whether this key may have it, who could serve it, what it may cost. Throws GatewayError. */
export function admit(call: RelayCall, scan: BodyScan, services: RelayServices): Admission {
  const facts = readFacts(call, scan);
  const admitted = admitModel(call.key, facts.model, services);
  const { model: asked, priceVersion } = admitted;
  refuseTaskModel(asked);
  if (call.endpoint.billable) {
    refuseOtherPurpose(asked, call.dialect.id);
    refuseUnpriced(scan, call.dialect.id);
  }
  const healthModel = healthModelOf(asked.id, call);
  const { plan, termsOf, first: terms } = planOverGroups(admitted, (group) =>
    services.channels.plan({ model: asked.id, healthModel, vendor: asked.vendor, own: asked.own, dialect: call.dialect.id, group, sandbox: call.key.sandbox, draws: drawsOf(call, scan, asked) }),
  );
  const { model } = terms;
  // Where nobody counts tokens, they are estimated.
  if (call.endpoint.billable || plan.blocked?.cure !== "none") refuseWithoutChannel(plan, model, call.key, call.dialect.id, services);
  if (!model.compiled) throw new GatewayError("modelPrice", { publicText: `The model "${model.id}" has no price yet, so it cannot be called.`, param: "model" });
  if (!hasPriceFor(model.compiled, facts.media?.options)) throw new GatewayError("modelPrice", { publicText: `The model "${model.id}" has no price for a call like this one, so it is refused.`, param: "model" });
  const admission = { scan, facts, model, terms, termsOf, priceVersion, healthModel, plan };
  if (!call.endpoint.billable) return { ...admission, expectedNano: 0, worstNano: 0, expectedTokens: 0 };
  const { expected, worst, tokens } = costAt(terms, facts, scan);
  let [expectedNano, worstNano] = [Number(expected), Math.max(Number(worst), Number(expected))];
  // Another group may be dearer: the hold is for whoever will serve.
  if (termsOf)
    for (const other of new Set(termsOf.values())) {
      if (other === terms || !other.model.compiled) continue;
      const cost = costAt(other, facts, scan);
      expectedNano = Math.max(expectedNano, Number(cost.expected));
      worstNano = Math.max(worstNano, Number(cost.worst), expectedNano);
    }
  const drawing = drawingNano(facts.drawer, { terms }, services);
  return { ...admission, expectedNano: expectedNano + drawing, worstNano: worstNano + drawing, expectedTokens: tokens };
}

/** What a call costs on some terms. */
function costAt({ model, ratioMicro }: Terms, facts: CallFacts, scan: BodyScan): Cost {
  const prices = model.compiled as CompiledPrices;
  return facts.media ? mediaCost(facts.media, prices, ratioMicro) : tokenCost(facts, scan, model, prices, ratioMicro);
}

/** From now on the call is on the terms of the account that is asked. */
export function onTermsOf(target: Target, admission: Admission): void {
  const terms = admission.termsOf?.get(target);
  if (!terms) return;
  admission.terms = terms;
  admission.model = terms.model;
}

interface Cost {
  /** nano-dollars */
  expected: bigint;
  worst: bigint;
  /** expected */
  tokens: number;
}

/** A conversation's cost by the size of its prompt and the limit of its answer. */
function tokenCost(facts: CallFacts, scan: BodyScan, model: Model, prices: CompiledPrices, groupRatioMicro: bigint): Cost {
  const limit = Math.min(facts.maxOutputTokens ?? Number.POSITIVE_INFINITY, model.maxOutputTokens ?? OUTPUT_TOKENS_MAX);
  const expectedOutput = Math.min(limit, model.typicalOutputTokens ?? EXPECTED_OUTPUT_TOKENS) * facts.choices;
  const units = pricedUnits(facts, prices);
  const expected = evaluate({ prices, usage: { input: facts.promptTokens, output: expectedOutput, ...units }, groupRatioMicro }).totalNano;
  const worst = worstCaseNano({ prices, promptTokens: worstPromptTokens(scan, model, facts), outputTokens: limit * facts.choices, ...(units && { units }), groupRatioMicro });
  return { expected, worst, tokens: Math.ceil(facts.promptTokens) + expectedOutput };
}

/** A media call's cost by its own measures. */
function mediaCost({ expected, worst, options }: MediaFacts, prices: CompiledPrices, groupRatioMicro: bigint): Cost {
  const cost = (usage: Usage): bigint => evaluate({ prices, usage, groupRatioMicro, options }).totalNano;
  return { expected: cost(expected), worst: cost(worst), tokens: 0 };
}

/** Words of what a prompt may hold without our seeing its size: addresses, files, caches and earlier answers kept at the vendor. */
const UNSEEN = /:\/\/|file|ached|previous_response|previous_message|conversation|prompt/;
/** Longer bodies are not searched for them: they are taken to hold some. */
const SEARCHED_BYTES_MAX = 64 * 1024;

/** The longest prompt, in tokens, that the vendor may count: a token has a byte at least, and what we cannot see may fill the model's context, for each of several `inputs`. */
function worstPromptTokens(scan: BodyScan, model: Model, { inputs = 1, textOnly }: CallFacts): number {
  const { bytes } = scan;
  const most = model.contextTokens * inputs;
  if (textOnly) return Math.min(bytes.length, most);
  if (scan instanceof FormScan || scan.mediaCount > 0 || bytes.length > SEARCHED_BYTES_MAX || UNSEEN.test(bytes.toString("latin1"))) return most;
  return Math.min(bytes.length, most);
}

/**
 * Token counting has a health of its own: many servers that speak a vendor's dialect have no such route (404), and Anthropic limits its rate apart
 * from messages (https://docs.anthropic.com/en/docs/build-with-claude/token-counting). Neither says anything about answering. So has every endpoint beside
 * conversation: a caller who asks a chat model for embeddings gets a 404 that must not take the model out for others.
 */
function healthModelOf(model: string, { endpoint, dialect }: RelayCall): string {
  return endpoint.billable && CHAT_DIALECTS.has(dialect.id) ? model : `${model} ${endpoint.name}`;
}
