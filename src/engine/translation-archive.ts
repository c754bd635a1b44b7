import type { KeptRegion, TranslationStore } from './translation-store.ts';

/** A region without its bytes and its text, which stand together behind all descriptions. */
type Description = Omit<KeptRegion, 'bytes' | 'source'> & {
  readonly byteCount: number;
  readonly source: Omit<KeptRegion['source'], 'text'> & { readonly textLength: number };
};

const LENGTHS = 12;
const ASCII = /^[\0-\x7f]*$/;

/**
 * What is in a store as one piece: three lengths (little-endian words), then descriptions (JSON), code
 * bytes and sources (ASCII).
 */
export function packTranslations(store: TranslationStore): Uint8Array<ArrayBuffer> {
  const regions = [...store].filter(({ source }) => ASCII.test(source.text));
  const descriptions = regions.map(({ bytes, source: { text, ...source }, ...rest }) => ({
    ...rest,
    byteCount: bytes.length,
    source: { ...source, textLength: text.length },
  }));
  const parts = [
    new TextEncoder().encode(JSON.stringify(descriptions satisfies Description[])),
    join(regions.map(({ bytes }) => bytes)),
    new TextEncoder().encode(regions.map(({ source }) => source.text).join('')),
  ];
  const lengths = new Uint8Array(LENGTHS);
  const view = new DataView(lengths.buffer);
  parts.forEach(({ length }, i) => view.setUint32(4 * i, length, true));
  return join([lengths, ...parts]);
}

/** Adds to a store what `packTranslations` made of one. */
export function unpackTranslations(packed: Uint8Array, store: TranslationStore): void {
  const view = new DataView(packed.buffer, packed.byteOffset);
  let at = LENGTHS;
  const [json, bytes, texts] = [0, 4, 8].map((place) => {
    const start = at;
    at += view.getUint32(place, true);
    return packed.subarray(start, at);
  });
  const text = new TextDecoder('latin1').decode(texts);
  let byteAt = 0;
  let textAt = 0;
  const descriptions = JSON.parse(new TextDecoder().decode(json)) as Description[];
  for (const { byteCount, source, ...rest } of descriptions) {
    const { textLength, ...described } = source;
    store.add({
      ...rest,
      bytes: Uint8Array.from(bytes!.subarray(byteAt, (byteAt += byteCount))),
      source: { ...described, text: text.slice(textAt, (textAt += textLength)) },
    });
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
