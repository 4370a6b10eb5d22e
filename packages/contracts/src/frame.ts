// A framed message: a JSON head and raw bytes behind it, so that event text is never escaped into JSON and back.
//
//   0        4                4 + n
//   ┌────────┬────────────────┬───────────────────────────┐
//   │ n, u32 │ head, n bytes  │ chunks, as the head tells  │
//   │   BE   │ JSON, UTF-8    │ (their lengths stand there)│
//   └────────┴────────────────┴───────────────────────────┘

const headLengthBytes = 4;

/** Joins a head and chunks of bytes into one message. */
export function encodeFrame(head: unknown, chunks: readonly Uint8Array[]): Buffer {
  const headText = JSON.stringify(head);
  const headLength = Buffer.byteLength(headText);
  let total = headLengthBytes + headLength;
  for (const chunk of chunks) total += chunk.length;
  const frame = Buffer.allocUnsafe(total);
  frame.writeUInt32BE(headLength, 0);
  frame.write(headText, headLengthBytes, 'utf8');
  let at = headLengthBytes + headLength;
  for (const chunk of chunks) {
    frame.set(chunk, at);
    at += chunk.length;
  }
  return frame;
}

/** Splits a message; `head` is not judged yet. Throws RangeError or SyntaxError on bytes that are no frame. */
export function decodeFrame(bytes: Uint8Array): { head: unknown; rest: Buffer } {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const headEnd = headLengthBytes + frame.readUInt32BE(0);
  if (headEnd > frame.length) throw new RangeError('the frame ends before its head does');
  const head: unknown = JSON.parse(frame.toString('utf8', headLengthBytes, headEnd));
  return { head, rest: frame.subarray(headEnd) };
}

/** Cuts `rest` into chunks of the given lengths without copying; throws RangeError unless they fill it exactly. */
export function splitChunks(rest: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    if (at + length > rest.length) throw new RangeError('the frame ends before its chunks do');
    chunks.push(rest.subarray(at, at + length));
    at += length;
  }
  if (at !== rest.length) throw new RangeError('the frame has bytes that belong to no chunk');
  return chunks;
}
