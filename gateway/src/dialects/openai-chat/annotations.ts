import { objectOf } from "../canonical/fields.ts";
import type { Citation } from "../canonical/parts.ts";
import { foundIn, numberIn, textIn } from "../canonical/wire-fields.ts";

/** OpenAI's `annotations[]` of type url_citation (SDK type ChatCompletionMessage.Annotation) as citations; others are passed over. */
export function readAnnotations(value: unknown): Citation[] {
  return foundIn(value, (item) => {
    const cited = objectOf(objectOf(item)["url_citation"]);
    const url = textIn(cited["url"]);
    if (url === undefined) return undefined;
    const citation: Citation = { url };
    const [title, content] = [textIn(cited["title"]), textIn(cited["content"])];
    const [start, end] = [numberIn(cited["start_index"]), numberIn(cited["end_index"])];
    if (title) citation.title = title;
    // OpenRouter adds the page's text.
    if (content) citation.citedText = content;
    if (start !== undefined) citation.start = start;
    if (end !== undefined) citation.end = end;
    return citation;
  });
}

/** Where a text part stands in the whole `content`, in UTF-16 units. */
export interface ContentPlace {
  from: number;
  length: number;
}

/**
 * The text that an annotation is about, as its position in `texts` (in their order), and the citation with its place in that text: annotations count the whole `content`,
 * in which pictures may stand between texts. Undefined where there is no text.
 */
export function placeCitation(citation: Citation, texts: readonly ContentPlace[]): { text: number; citation: Citation } | undefined {
  if (texts.length === 0) return undefined;
  const start = citation.start ?? citation.end;
  const text = start === undefined ? 0 : Math.max(0, texts.findLastIndex(({ from }) => from <= start));
  const { from, length } = texts[text] ?? { from: 0, length: 0 };
  const within = (at: number): number => Math.max(0, (texts[text + 1] ? Math.min(at, from + length) : at) - from);
  return { text, citation: { ...citation, ...(citation.start === undefined ? {} : { start: within(citation.start) }), ...(citation.end === undefined ? {} : { end: within(citation.end) }) } };
}

/**
 * The sources that Perplexity (`search_results[{url,title}]`, `citations[url]`) and xAI (`citations[url]`) put beside the choices. They have no place in
 * the text: the model writes [1], [2] itself.
 */
export function readSources(body: Record<string, unknown>): Citation[] {
  const results = foundIn(body["search_results"], (item): Citation | undefined => {
    const found = objectOf(item);
    const [url, title, snippet] = [textIn(found["url"]), textIn(found["title"]), textIn(found["snippet"])];
    return url === undefined ? undefined : { url, ...(title ? { title } : {}), ...(snippet ? { citedText: snippet } : {}) };
  });
  const { citations } = body;
  if (!Array.isArray(citations)) return results;
  const known = new Set(results.map((citation) => citation.url));
  const bare = foundIn(citations, (item): Citation | undefined => {
    const url = textIn(item) ?? textIn(objectOf(item)["url"]);
    return url === undefined || known.has(url) ? undefined : { url };
  });
  return [...results, ...bare];
}

/**
 * A citation as annotation, or undefined where it has no URL (a document of the request: chat completions have no word for it).
 * `offset`: where its text part begins in the whole `content`; `length`: that part's length, which is cited whole where no place is told.
 */
export function writeAnnotation(citation: Citation, offset: number, length: number): Record<string, unknown> | undefined {
  if (citation.url === undefined) return undefined;
  return {
    type: "url_citation",
    url_citation: {
      url: citation.url,
      title: citation.title ?? "",
      start_index: offset + (citation.start ?? 0),
      end_index: offset + (citation.end ?? length),
      ...(citation.citedText === undefined ? {} : { content: citation.citedText }),
    },
  };
}
