// What receivers send that undici does not take, or takes at too high a price:
// - Answers before the answer (100, 102, 103). A client takes any number of them, asked for or not (RFC 9110 section 15.2),
//   but undici ends the connection at a 100: they are taken out of what the socket reads.
// - A head without an end, or too long. undici limits names and values of headers, but no status line and no number of
//   interim answers; and beyond its limit it makes an error with a stack for each name and value that it has read already:
//   64 KB of short headers held everybody up for a fifth of a second.
// - Chunk extensions and trailers without an end (RFC 9112 section 7.1), which are no body.
import type { Socket } from 'node:net';

const lineStart = Buffer.from('HTTP/1.');
/** `HTTP/1.1 100`: as much as tells an interim answer from the final one. */
const tellingBytes = lineStart.length + 5;
const headEnd = Buffer.from('\r\n\r\n');
const digitOne = 0x31;
/** Of the final answer: status line and headers. */
export const maxHeadBytes = 16_384;
/**
 * Up to the end of the final headers, interim answers too; and after them: what of a body is kept (16 KiB) fits even in
 * chunks of a byte. Node reads 64 KiB at a time.
 */
export const maxAnswerBytes = 131_072;
const nothing = Buffer.alloc(0);

export class AnswerGuard {
  private state: 'first line' | 'headers' | 'body' = 'first line';
  /** Since the answer, or its body, began. */
  private bytes = 0;
  /** Of the final head, in earlier chunks. */
  private headBytes = 0;
  /** What came last of it: its end may begin there. */
  private last: Buffer = nothing;
  /** The beginning of what may be an interim answer. */
  private held: Buffer | null = null;

  /** For a socket that is open and has not been read from. */
  constructor(socket: Socket) {
    const push = socket.push.bind(socket);
    socket.push = (chunk: Buffer | null): boolean => {
      if (chunk === null) {
        if (this.held !== null) push(this.held);
        return push(null);
      }
      this.bytes += chunk.length;
      if (this.bytes > maxAnswerBytes) return refuse(socket);
      if (this.state === 'body') return push(chunk);
      const rest = this.state === 'first line' ? this.strip(chunk) : chunk;
      // Where nothing is left the socket goes on reading.
      if (rest.length === 0) return true;
      return this.state === 'headers' && this.isTooLong(rest) ? refuse(socket) : push(rest);
    };
  }

  /** A request is about to go out on a socket that has been used: what comes next is the head of its answer. */
  expect(): void {
    this.state = 'first line';
    this.bytes = 0;
    this.headBytes = 0;
    this.last = nothing;
    this.held = null;
  }

  /** The final headers are there. */
  end(): void {
    this.state = 'body';
    this.bytes = 0;
    this.last = nothing;
  }

  /** Whether the head does not end within its limit; `chunk` is the next piece of the final answer. */
  private isTooLong(chunk: Buffer): boolean {
    this.headBytes += chunk.length;
    const recent = this.last.length === 0 ? chunk : Buffer.concat([this.last, chunk]);
    if (this.headBytes <= maxHeadBytes) {
      this.last = recent.subarray(-headEnd.length);
      return false;
    }
    const end = recent.indexOf(headEnd);
    return end < 0 || this.headBytes - recent.length + end + headEnd.length > maxHeadBytes;
  }

  private strip(chunk: Buffer): Buffer {
    let bytes = this.held === null ? chunk : Buffer.concat([this.held, chunk]);
    this.held = null;
    while (isInterim(bytes)) {
      const end = bytes.indexOf(headEnd);
      // What is too long is refused as the head that it may be.
      if (end < 0 && bytes.length > maxHeadBytes) break;
      if (end < 0) {
        // A copy, since the chunk may be a piece of a larger buffer.
        this.held = Buffer.from(bytes);
        return nothing;
      }
      bytes = bytes.subarray(end + headEnd.length);
      if (bytes.length === 0) return nothing;
    }
    // What is no HTTP is undici's to name.
    this.state = isHttp(bytes) ? 'headers' : 'body';
    return bytes;
  }
}

function isHttp(bytes: Buffer): boolean {
  const compared = Math.min(bytes.length, lineStart.length);
  return lineStart.compare(bytes, 0, compared, 0, compared) === 0;
}

function refuse(socket: Socket): boolean {
  socket.destroy(
    Object.assign(new Error('a head, or what is no body, without an end'), {
      code: 'UND_ERR_HEADERS_OVERFLOW',
    }),
  );
  return false;
}

/** Also where too little has come to tell. 101 is no interim answer: it ends HTTP on this connection. */
function isInterim(bytes: Buffer): boolean {
  if (bytes.length >= tellingBytes && bytes[lineStart.length + 2] !== digitOne) return false;
  if (!isHttp(bytes)) return false;
  if (bytes.length < tellingBytes) return true;
  const status = bytes.toString('latin1', lineStart.length + 1, tellingBytes);
  return /^ 1\d\d$/.test(status) && status !== ' 101';
}
