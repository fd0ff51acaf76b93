import { GatewayError } from "./gateway-error.ts";

/** For a model that its vendor serves no more, nor anybody else here. */
export const modelRetired = ({ id, retiredAt, replacedBy }: { id: string; retiredAt?: string | undefined; replacedBy?: string | undefined }): GatewayError =>
  new GatewayError("modelRetired", { publicText: `The model "${id}" was retired by its vendor on ${retiredAt ?? "?"}.${replacedBy ? ` Use "${replacedBy}" instead.` : ""}`, param: "model" });
