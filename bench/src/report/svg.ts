// Plots, drawn by hand: bars that stand for parts of a whole, and curves over a logarithmic axis. No library: a page of SVG.

export interface StackedBar {
  readonly label: string;
  readonly parts: Readonly<Record<string, number>>;
}

export interface Curve {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const width = 820;
const colours = ['#3867d6', '#20bf6b', '#f7b731', '#eb3b5a', '#8854d0', '#0fb9b1', '#a5b1c2', '#fa8231'];
const font = 'font-family="system-ui, sans-serif" font-size="13" fill="#222"';

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const at = (value: number): string => value.toFixed(1);

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end' = 'start'): string {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" ${font}>${escape(content)}</text>`;
}

function page(height: number, title: string, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(16, 26, title),
    ...content,
    '</svg>',
    '',
  ].join('\n');
}

function legend(names: readonly string[], y: number): string[] {
  let x = 16;
  return names.flatMap((name, index) => {
    const [left, colour] = [x, colours[index % colours.length] ?? '#000'];
    x += 34 + name.length * 7.5;
    return [
      `<rect x="${at(left)}" y="${y - 10}" width="12" height="12" fill="${colour}"/>`,
      text(left + 17, y, name),
    ];
  });
}

/** One bar per entry, longest to the right edge, with its sum. */
export function stackedBars(title: string, unit: string, bars: readonly StackedBar[]): string {
  const names = [...new Set(bars.flatMap((bar) => Object.keys(bar.parts)))];
  const totals = bars.map((bar) => Object.values(bar.parts).reduce((a, b) => a + b, 0));
  const [left, right, top, step] = [210, 90, 64, 34];
  const perUnit = (width - left - right) / Math.max(...totals, 1e-9);
  const content = bars.flatMap((bar, row) => {
    const y = top + row * step;
    let x = left;
    const parts = names.flatMap((name, index) => {
      const length = (bar.parts[name] ?? 0) * perUnit;
      const rect = `<rect x="${at(x)}" y="${y}" width="${at(length)}" height="22" fill="${colours[index % colours.length]}"/>`;
      x += length;
      return length > 0 ? [rect] : [];
    });
    return [
      text(left - 8, y + 16, bar.label, 'end'),
      ...parts,
      text(x + 6, y + 16, `${(totals[row] ?? 0).toFixed(0)} ${unit}`),
    ];
  });
  return page(top + bars.length * step + 12, title, [...legend(names, 50), ...content]);
}

export interface Axes {
  readonly x: string;
  readonly y: string;
}

/** Curves over a logarithmic x axis (0 stands left of its least value), from 0 up. */
export function curves(title: string, axes: Axes, lines: readonly Curve[]): string {
  const points = lines.flatMap((line) => line.points);
  const least = Math.min(...points.filter(({ x }) => x > 0).map(({ x }) => x));
  const placeOf = (x: number) => Math.log10(x > 0 ? x : least / 10);
  const [from, to] = [
    Math.min(...points.map((p) => placeOf(p.x))),
    Math.max(...points.map((p) => placeOf(p.x))),
  ];
  const most = Math.max(...points.map(({ y }) => y), 1e-9) * 1.1;
  const [left, right, top, bottom] = [70, 30, 70, 300];
  const toX = (x: number) =>
    left + ((placeOf(x) - from) / Math.max(to - from, 1e-9)) * (width - left - right);
  const toY = (y: number) => bottom - (y / most) * (bottom - top);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
    const y = toY(most * share);
    return [
      `<line x1="${left}" y1="${at(y)}" x2="${width - right}" y2="${at(y)}" stroke="#ddd"/>`,
      text(left - 6, y + 4, short(most * share), 'end'),
    ];
  });
  const ticks = [...new Set(points.map(({ x }) => x))].map((x) =>
    text(toX(x), bottom + 20, short(x), 'middle'),
  );
  const drawn = lines.flatMap((line, index) => {
    const colour = colours[index % colours.length] ?? '#000';
    const path = line.points.map((p) => `${at(toX(p.x))},${at(toY(p.y))}`).join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...line.points.map(
        (p) => `<circle cx="${at(toX(p.x))}" cy="${at(toY(p.y))}" r="3.5" fill="${colour}"/>`,
      ),
    ];
  });
  const names = [text((left + width - right) / 2, bottom + 42, axes.x, 'middle'), text(16, top - 6, axes.y)];
  return page(bottom + 56, title, [
    ...legend(
      lines.map((line) => line.label),
      48,
    ),
    ...grid,
    ...ticks,
    ...drawn,
    ...names,
  ]);
}

function short(value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toFixed(1))} M`;
  if (value >= 10_000) return `${Number((value / 1_000).toFixed(0))} k`;
  return value >= 10 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(2);
}
