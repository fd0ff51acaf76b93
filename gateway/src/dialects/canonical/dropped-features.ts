import { ownOf } from "./fields.ts";
import type { CanonicalRequest } from "./request.ts";

/** What a request's encoder could not express, each once, in the caller's names. */
export class DroppedFeatures {
  private readonly names = new Set<string>();
  private readonly fields: Partial<Record<string, string>>;

  constructor(request: CanonicalRequest) {
    this.fields = request.fields ?? {};
  }

  /** `feature`: a member's name of CanonicalRequest, or a dotted one below it ("parts.video"); `otherwise`: the name to tell when the caller's is not known. */
  add(feature: string, otherwise = feature): void {
    this.names.add(ownOf(this.fields, feature) ?? otherwise);
  }

  /** What the caller calls a feature, for errors. */
  nameOf(feature: string): string {
    return ownOf(this.fields, feature) ?? feature;
  }

  /** As `add`, for what is a wish only in dialects that have a name of their own for it. */
  addNamed(feature: string): void {
    const name = ownOf(this.fields, feature);
    if (name !== undefined) this.names.add(name);
  }

  list(): string[] {
    return [...this.names];
  }
}
