// Walks over JSON text (RFC 8259) without building anything: proves that it is valid, finds where values begin and end.
// Written by hand because JSON.parse tells neither, loses digits and duplicate keys, and takes memory for depth.

/** The message is a phrase about the text, with line and column, without any of its content. */
export class JsonScanError extends Error {
  override readonly name = 'JsonScanError';

  constructor(
    readonly reason: 'malformed' | 'too_deep',
    message: string,
  ) {
    super(message);
  }
}

/** Arrays and objects within each other; the event itself is the first. */
export const maxJsonDepth = 64;

const [tab, lineFeed, carriageReturn, space] = [0x09, 0x0a, 0x0d, 0x20];
const [quote, plus, comma, minus, dot, zero, colon] = [0x22, 0x2b, 0x2c, 0x2d, 0x2e, 0x30, 0x3a];
const [openBracket, backslash, closeBracket, openBrace, closeBrace] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d];

/** Beyond so many characters the regular expression is worth its call: a fifth of the time for 64 KB (docs/benchmarks). */
const shortString = 64;
/** All from U+0020 but the quote and the backslash. */
const plainText = /[ !#-[\]-\uffff]*/y;

export class JsonScanner {
  position = 0;

  constructor(readonly text: string) {}

  /** Steps over white space and tells the character (UTF-16 unit) that follows; NaN at the end. */
  peek(): number {
    const { text } = this;
    let { position } = this;
    let code = text.charCodeAt(position);
    while (code === space || code === lineFeed || code === carriageReturn || code === tab) {
      code = text.charCodeAt(++position);
    }
    this.position = position;
    return code;
  }

  /** Steps over a value; `depth` is the one that it has if it is an array or an object. */
  skipValue(depth: number): void {
    switch (this.peek()) {
      case quote:
        return this.skipString();
      case openBrace:
        return this.eachMember(depth, () => this.skipValue(depth + 1));
      case openBracket:
        return this.eachElement(depth, () => this.skipValue(depth + 1));
      default:
        return this.skipScalar();
    }
  }

  /** Calls `readValue` where each member's value begins, with the bounds of its key's text (in quotes). */
  eachMember(depth: number, readValue: (keyStart: number, keyEnd: number) => void): void {
    this.enter(depth);
    if (this.peek() === closeBrace) return this.step();
    for (;;) {
      if (this.peek() !== quote) this.fail('a key in double quotes');
      const keyStart = this.position;
      this.skipString();
      const keyEnd = this.position;
      if (this.peek() !== colon) this.fail('":" after a key');
      this.step();
      readValue(keyStart, keyEnd);
      const next = this.peek();
      if (next !== comma && next !== closeBrace) this.fail('"," or "}"');
      this.step();
      if (next === closeBrace) return;
    }
  }

  /** Calls `readValue` where each element begins. */
  eachElement(depth: number, readValue: (index: number) => void): void {
    this.enter(depth);
    if (this.peek() === closeBracket) return this.step();
    for (let index = 0; ; index++) {
      readValue(index);
      const next = this.peek();
      if (next !== comma && next !== closeBracket) this.fail('"," or "]"');
      this.step();
      if (next === closeBracket) return;
    }
  }

  skipString(): void {
    const { text } = this;
    let position = this.position + 1;
    for (;;) {
      position = this.afterPlain(position);
      const code = text.charCodeAt(position);
      if (code === quote) break;
      if (code === backslash) position = this.afterEscape(position);
      else {
        this.position = position;
        this.fail(
          position < text.length
            ? 'no control character in a string; write it as an escape'
            : 'the closing quote of a string',
        );
      }
    }
    this.position = position + 1;
  }

  /** Past what stands for itself in a string. */
  private afterPlain(from: number): number {
    const { text } = this;
    const soon = from + shortString;
    for (let position = from; position < soon; position++) {
      const code = text.charCodeAt(position);
      // At the end of the text there is no number, and so none that is large enough.
      if (!(code >= space) || code === quote || code === backslash) return position;
    }
    plainText.lastIndex = soon;
    plainText.test(text);
    return plainText.lastIndex;
  }

  private afterEscape(position: number): number {
    const length = this.text[position + 1] === 'u' ? 6 : 2;
    if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})$/.test(this.text.slice(position, position + length))) {
      this.position = position;
      this.fail('an escape such as \\n or \\u0041');
    }
    return position + length;
  }

  /** A number, `true`, `false` or `null`. */
  skipScalar(): void {
    const code = this.text.charCodeAt(this.position);
    if (code === minus || isDigit(code)) return this.skipNumber();
    for (const word of ['true', 'false', 'null']) {
      if (this.text.startsWith(word, this.position)) {
        this.position += word.length;
        return;
      }
    }
    this.fail('a value');
  }

  private skipNumber(): void {
    if (this.text.charCodeAt(this.position) === minus) this.step();
    if (this.text.charCodeAt(this.position) === zero) this.step();
    else this.skipDigits();
    if (this.text.charCodeAt(this.position) === dot) {
      this.step();
      this.skipDigits();
    }
    if ((this.text.charCodeAt(this.position) | 0x20) === 0x65) {
      this.step();
      const sign = this.text.charCodeAt(this.position);
      if (sign === plus || sign === minus) this.step();
      this.skipDigits();
    }
  }

  private skipDigits(): void {
    const { text } = this;
    let { position } = this;
    while (isDigit(text.charCodeAt(position))) position++;
    if (position === this.position) this.fail('a digit');
    this.position = position;
  }

  /** To be called when the outermost value is read. */
  finish(): void {
    if (!Number.isNaN(this.peek())) this.fail('the end of the text');
  }

  private enter(depth: number): void {
    if (depth > maxJsonDepth) {
      throw new JsonScanError('too_deep', `is nested more than ${maxJsonDepth} deep (${this.place()})`);
    }
    this.step();
  }

  private step(): void {
    this.position++;
  }

  private fail(expected: string): never {
    throw new JsonScanError('malformed', `is not valid JSON: expected ${expected} at ${this.place()}`);
  }

  private place(): string {
    const before = this.text.slice(0, this.position);
    const line = before.split('\n').length;
    return `line ${line}, column ${before.length - before.lastIndexOf('\n')}`;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
