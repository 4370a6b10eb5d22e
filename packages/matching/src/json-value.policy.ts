/** A number that a double would round: kept as published, digit by digit. */
export class ExactNumber {
  constructor(readonly text: string) {}
}

/**
 * Numbers of at most 15 significant digits and an exponent below 100 are as good as doubles (DBL_DIG). This finds
 * whatever may be longer, in strings too: then it costs time, not truth.
 */
const mayHoldLongNumber = /[\d.]{16}|\d[eE][+-]?\d{3}/;

/**
 * JSON text (at most 64 deep: the caller has seen to it) as a value in which no number is rounded; of duplicate keys
 * the last one counts. Throws SyntaxError.
 */
export function parseJsonValue(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return mayHoldLongNumber.test(text) ? new ExactReader(text).read() : value;
}

/** Reads text that JSON.parse has taken. */

class ExactReader {
  private position = 0;

  constructor(private readonly text: string) {}

  read(): unknown {
    switch (this.nextCharacter()) {
      case '{':
        return this.readObject();
      case '[':
        return this.readArray();
      case '"':
        return this.readString();
      default:
        return this.readScalar();
    }
  }

  private readObject(): Record<string, unknown> {
    const object = Object.create(null) as Record<string, unknown>; // so that `__proto__` is a key like any other
    for (this.position++; this.nextCharacter() !== '}';) {
      if (this.nextCharacter() === ',') this.position++;
      this.nextCharacter();
      const key = this.readString();
      this.nextCharacter();
      this.position++; // the colon
      object[key] = this.read();
    }
    this.position++;
    return object;
  }

  private readArray(): unknown[] {
    const array: unknown[] = [];
    for (this.position++; this.nextCharacter() !== ']';) {
      if (this.nextCharacter() === ',') this.position++;
      array.push(this.read());
    }
    this.position++;
    return array;
  }

  private readString(): string {
    const start = this.position;
    let end = this.text.indexOf('"', start + 1);
    while (this.isEscaped(end)) end = this.text.indexOf('"', end + 1);
    this.position = end + 1;
    return JSON.parse(this.text.slice(start, end + 1)) as string;
  }

  private isEscaped(quote: number): boolean {
    let first = quote;
    while (this.text[first - 1] === '\\') first--;
    return (quote - first) % 2 === 1;
  }

  private readScalar(): unknown {
    const token = this.match(/[^\s,\]}]+/y);
    return mayHoldLongNumber.test(token) ? new ExactNumber(token) : (JSON.parse(token) as unknown);
  }

  private nextCharacter(): string | undefined {
    this.match(/\s*/y);
    return this.text[this.position];
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.position += found.length;
    return found;
  }
}
