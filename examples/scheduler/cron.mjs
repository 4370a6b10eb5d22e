// Cron expressions: five fields (minute, hour, day of month, month, day of week), or six with seconds before them.
// `*`, numbers, lists, ranges and steps; times are UTC. As in Vixie cron, where both days are restricted either will do.

const ranges = [
  ['second', 0, 59],
  ['minute', 0, 59],
  ['hour', 0, 23],
  ['day of month', 1, 31],
  ['month', 1, 12],
  ['day of week', 0, 7],
];

function parseField(text, [name, min, max]) {
  const values = new Set();
  for (const part of text.split(',')) {
    const [, star, first, last, step = '1'] = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [];
    const from = star ? min : Number(first);
    const to = star ? max : last ? Number(last) : part.includes('/') ? max : from;
    if (!(from >= min && to <= max && from <= to && Number(step) >= 1)) {
      throw new Error(`${JSON.stringify(part)} is no ${name} (${min}..${max})`);
    }
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return values;
}

/** A function that tells of an epoch second whether it is one; throws on what is no expression. */
export function parseCron(expression) {
  const fields = expression.trim().split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  if (fields.length !== 6) throw new Error(`${JSON.stringify(expression)} has neither 5 nor 6 fields`);
  const [seconds, minutes, hours, days, months, weekdays] = fields.map((text, index) =>
    parseField(text, ranges[index]),
  );
  if (weekdays.has(7)) weekdays.add(0);
  const [anyDay, anyWeekday] = [fields[3].startsWith('*'), fields[5].startsWith('*')];
  return (epochSecond) => {
    const time = new Date(epochSecond * 1_000);
    const isDay = days.has(time.getUTCDate());
    const isWeekday = weekdays.has(time.getUTCDay());
    return (
      seconds.has(time.getUTCSeconds()) &&
      minutes.has(time.getUTCMinutes()) &&
      hours.has(time.getUTCHours()) &&
      months.has(time.getUTCMonth() + 1) &&
      (anyDay || anyWeekday ? isDay && isWeekday : isDay || isWeekday)
    );
  };
}
