/**
 * Bytes as JSON can carry them: as text where they are UTF-8, else in base64. Of truncated bytes the last character may
 * have been cut in two: what is left of it is dropped rather than all put into base64.
 */
export function textOrBase64(
  bytes: Uint8Array,
  truncated: boolean,
): { readonly text: string; readonly encoding: 'utf8' | 'base64' } {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(bytes, { stream: truncated }), encoding: 'utf8' };
  } catch {
    return { text: Buffer.from(bytes).toString('base64'), encoding: 'base64' };
  }
}
