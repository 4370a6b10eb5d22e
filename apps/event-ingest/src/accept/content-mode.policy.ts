// How an event was published: in Postrider's own form, or as a CloudEvent in one of its modes (HTTP protocol binding 1.0,
// section 3; the NATS binding has the same without batches).
export type ContentMode = 'own' | 'structured' | 'batch' | 'binary' | 'unknown';

const attributePrefix = 'ce-';

/** `header`: by lower-case name. */
export function contentModeOf(header: (name: string) => string | undefined): ContentMode {
  const type = header('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  switch (type) {
    case 'application/cloudevents+json':
    case 'application/cloudevents':
      return 'structured';
    case 'application/cloudevents-batch+json':
      return 'batch';
  }
  if (type.startsWith('application/cloudevents')) return 'unknown';
  const isBinary = ['specversion', 'id', 'source', 'type'].some(
    (name) => header(`${attributePrefix}${name}`) !== undefined,
  );
  return isBinary ? 'binary' : 'own';
}

/**
 * The attributes of a CloudEvent in binary mode, by name; null where a value is no valid percent-encoding of UTF-8 (HTTP
 * protocol binding 1.0, section 3.1.3.2).
 */
export function attributesOf(headers: Iterable<readonly [string, string]>): Record<string, string | null> {
  const attributes = Object.create(null) as Record<string, string | null>;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower.startsWith(attributePrefix)) attributes[lower.slice(attributePrefix.length)] = decoded(value);
    else if (lower === 'content-type') attributes['datacontenttype'] = value;
  }
  return attributes;
}

function decoded(value: string): string | null {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value.trim())?.[1];
  const text = quoted === undefined ? value.trim() : quoted.replace(/\\(.)/g, '$1');
  if (!/^[ -~]*$/.test(text)) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
