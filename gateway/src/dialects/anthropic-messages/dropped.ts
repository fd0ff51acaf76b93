import type { CanonicalRequest } from "../canonical/request.ts";

/** What could not be expressed, in the caller's own names, each once. */
export class Dropped {
  private readonly found = new Set<string>();

  constructor(private readonly request: CanonicalRequest) {}

  /** `feature`: a member of the request or "parts.<type>"; `otherwise`: the name to tell when the caller's is not known. */
  add(feature: string, otherwise = feature): void {
    this.found.add(this.request.fields?.[feature] ?? otherwise);
  }

  names(): string[] {
    return [...this.found];
  }
}
