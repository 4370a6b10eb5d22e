// What a receiver sends before the body of its answer, as undici does not take it:
// - Answers before the answer (100, 102, 103). A client takes any number of them, asked for or not (RFC 9110 section 15.2),
//   but undici ends the connection at a 100: they are taken out of what the socket reads.
// - A head without an end. undici limits names and values of headers, but no status line and no number of interim answers.
import type { Socket } from 'node:net';

const lineStart = Buffer.from('HTTP/1.');
/** `HTTP/1.1 100`: as much as tells an interim answer from the final one. */
const tellingBytes = lineStart.length + 5;
const headEnd = Buffer.from('\r\n\r\n');
const digitOne = 0x31;
const maxInterimBytes = 16_384;
/** Everything up to the end of the final headers, and what is read together with it (64 KiB at a time). */
const maxHeadBytes = 131_072;
const nothing = Buffer.alloc(0);

export class AnswerHead {
  private state: 'first line' | 'headers' | 'body' = 'first line';
  private headBytes = 0;
  /** The beginning of what may be an interim answer. */
  private held: Buffer | null = null;

  /** For a socket that is open and has not been read from. */
  constructor(socket: Socket) {
    const push = socket.push.bind(socket);
    socket.push = (chunk: Buffer | null): boolean => {
      if (this.state === 'body') return push(chunk);
      if (chunk === null) {
        if (this.held !== null) push(this.held);
        return push(null);
      }
      this.headBytes += chunk.length;
      if (this.headBytes > maxHeadBytes) {
        socket.destroy(
          Object.assign(new Error('a head without an end'), { code: 'UND_ERR_HEADERS_OVERFLOW' }),
        );
        return false;
      }
      const rest = this.state === 'first line' ? this.strip(chunk) : chunk;
      // Where nothing is left the socket goes on reading.
      return rest.length === 0 || push(rest);
    };
  }

  /** A request is about to go out on a socket that has been used: what comes next is the head of its answer. */
  expect(): void {
    this.state = 'first line';
    this.headBytes = 0;
    this.held = null;
  }

  /** The final headers are there. */
  end(): void {
    this.state = 'body';
  }

  private strip(chunk: Buffer): Buffer {
    let bytes = this.held === null ? chunk : Buffer.concat([this.held, chunk]);
    this.held = null;
    while (isInterim(bytes)) {
      const end = bytes.indexOf(headEnd);
      // What is too long is left to undici, which refuses it.
      if (end < 0 && bytes.length > maxInterimBytes) break;
      if (end < 0) {
        // A copy, since the chunk may be a piece of a larger buffer.
        this.held = Buffer.from(bytes);
        return nothing;
      }
      bytes = bytes.subarray(end + headEnd.length);
      if (bytes.length === 0) return nothing;
    }
    this.state = 'headers';
    return bytes;
  }
}

/** Also where too little has come to tell. 101 is no interim answer: it ends HTTP on this connection. */
function isInterim(bytes: Buffer): boolean {
  if (bytes.length >= tellingBytes && bytes[lineStart.length + 2] !== digitOne) return false;
  const compared = Math.min(bytes.length, lineStart.length);
  if (lineStart.compare(bytes, 0, compared, 0, compared) !== 0) return false;
  if (bytes.length < tellingBytes) return true;
  const status = bytes.toString('latin1', lineStart.length + 1, tellingBytes);
  return /^ 1\d\d$/.test(status) && status !== ' 101';
}
