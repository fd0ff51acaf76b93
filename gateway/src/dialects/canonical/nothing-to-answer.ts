import { GatewayError } from "../../errors/gateway-error.ts";

/** For a conversation of which nothing is left that the target's model could read: every vendor refuses it, or would answer nothing for money. Status 400. */
export const nothingToAnswer = (): GatewayError => new GatewayError("invalidRequest", { publicText: "messages: at least one message with content is required.", param: "messages" });
