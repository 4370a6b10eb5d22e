// For tests: random JSON values, each with other ways to write it and with a change that makes it another value.

/** Whole numbers from 0 to below `below`; the same for the same seed. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Random = ReturnType<typeof seededRandom>;
type Model =
  | { readonly kind: 'literal'; readonly text: string }
  /** digits × 10^exponent; the last digit is no zero, so that each value has one model. */
  | { readonly kind: 'number'; readonly sign: string; readonly digits: string; readonly exponent: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly elements: readonly Model[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Model])[] };

export function randomJson(random: Random): { text: string; rewrite: () => string; change: () => string } {
  const model = randomModel(random, 0);
  return {
    text: write(model, random),
    rewrite: () => write(model, random),
    change: () => write(changed(model, random), random),
  };
}

function randomModel(random: Random, depth: number): Model {
  switch (random(depth > 4 ? 4 : 6)) {
    case 0:
      return { kind: 'literal', text: ['true', 'false', 'null', '0'][random(4)] ?? '' };
    case 1:
    case 2:
      return { kind: 'string', value: randomString(random) };
    case 3: {
      const digits = Array.from({ length: 1 + random(25) }, () => random(10)).join('');
      return { kind: 'number', sign: random(2) ? '-' : '', digits: `1${digits}7`, exponent: random(60) - 30 };
    }
    case 4:
      return {
        kind: 'array',
        elements: Array.from({ length: random(4) }, () => randomModel(random, depth + 1)),
      };
    default: {
      const keys = new Set(Array.from({ length: random(5) }, () => randomString(random)));
      return {
        kind: 'object',
        members: [...keys].map((key) => [key, randomModel(random, depth + 1)] as const),
      };
    }
  }
}

function randomString(random: Random): string {
  const pieces = [
    'a',
    'B',
    '1',
    '"',
    '\\',
    '/',
    '\n',
    '\0',
    'é',
    '💩',
    '\ud800',
    '\u2028',
    '{',
    ',',
    '__proto__',
    ' ',
  ];
  return Array.from({ length: random(5) }, () => pieces[random(pieces.length)]).join('');
}

function changed(model: Model, random: Random): Model {
  switch (model.kind) {
    case 'literal':
      return { kind: 'literal', text: model.text === 'true' ? 'false' : 'true' };
    case 'number':
      return { ...model, digits: `${model.digits.slice(0, -1)}8` };
    case 'string':
      return { kind: 'string', value: `${model.value}x` };
    case 'array': {
      const at = random(model.elements.length + 1);
      const element = model.elements[at];
      const rest =
        element === undefined ? { kind: 'literal' as const, text: 'null' } : changed(element, random);
      return {
        kind: 'array',
        elements: [...model.elements.slice(0, at), rest, ...model.elements.slice(at + 1)],
      };
    }
    case 'object': {
      const [first, ...others] = model.members;
      if (first === undefined) return { kind: 'object', members: [['x', model]] };
      const other = random(2)
        ? ([`${first[0]}x-new`, first[1]] as const)
        : ([first[0], changed(first[1], random)] as const);
      return { kind: 'object', members: [other, ...others] };
    }
  }
}

function write(model: Model, random: Random): string {
  const space = () => ['', '', '', ' ', '\n', '\t \r'][random(6)] ?? '';
  switch (model.kind) {
    case 'literal':
      return model.text === '0' ? (['0', '-0', '0.0', '0e7', '-0.00E-3'][random(5)] ?? '') : model.text;
    case 'number':
      return writeNumber(model, random);
    case 'string':
      return writeString(model.value, random);
    case 'array':
      return `[${model.elements.map((element) => space() + write(element, random) + space()).join(',') || space()}]`;
    case 'object': {
      const members = model.members.map(
        ([key, value]) =>
          `${space()}${writeString(key, random)}${space()}:${space()}${write(value, random)}${space()}`,
      );
      for (let i = members.length - 1; i > 0; i--) {
        const j = random(i + 1);
        [members[i], members[j]] = [members[j] ?? '', members[i] ?? ''];
      }
      return `{${members.join(',') || space()}}`;
    }
  }
}

function writeNumber({ sign, digits, exponent }: Extract<Model, { kind: 'number' }>, random: Random): string {
  const padded = digits + '0'.repeat(random(3));
  const scale = exponent - (padded.length - digits.length);
  const point = 1 + random(padded.length);
  const power = scale + padded.length - point;
  const fraction = point < padded.length ? `.${padded.slice(point)}` : '';
  if (power === 0 && random(2) === 0) return sign + padded.slice(0, point) + fraction;
  const plus = power >= 0 && random(2) === 0 ? '+' : '';
  return `${sign}${padded.slice(0, point)}${fraction}${random(2) ? 'e' : 'E'}${plus}${power}`;
}

function writeString(value: string, random: Random): string {
  let text = '';
  for (const unit of value.split('')) {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
    const escape = `\\u${random(2) ? hex : hex.toUpperCase()}`;
    if (/[\ud800-\udfff]/.test(unit))
      text += escape; // the text stays well-formed, as UTF-8 makes it
    else text += random(4) === 0 ? escape : JSON.stringify(unit).slice(1, -1);
  }
  return `"${text}"`;
}
