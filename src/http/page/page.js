// Draws what /history and /stats say. All text goes in as text, never as HTML.

const keptMs = 600_000;
const staleMs = 5_000;
const everyMs = 1_000;
const minuteMs = 60_000;
const rowsMax = 10;
const troublesMax = 5;
const reasonsMax = 5;

const find = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const number = (value) => (value === undefined ? 'not known' : whole.format(value));
/** Small rates have a fraction: 0 must mean none. */
const rate = (value) => (value > 0 && value < 10 ? value.toFixed(1) : number(value));

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Puts these children into an element, unless it shows the same already. */
const shown = new Map();
function show(id, key, children) {
  const text = JSON.stringify(key);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  find(id).replaceChildren(...children());
}

function showText(id, text) {
  if (find(id).textContent !== text) find(id).textContent = text;
}

/** Columns are [heading, value of a row, class, label where a phone shows no headings]. */
function table(id, caption, columns, rows, none) {
  const cells = rows.map((row) => columns.map(([, value]) => String(value(row))));
  show(id, [caption, cells], () => {
    if (rows.length === 0) return [element('caption', {}, none)];
    const heads = columns.map(([heading, , kind = '']) =>
      element('th', { scope: 'col', class: kind }, heading),
    );
    const body = cells.map((row) => {
      const tds = row.map((text, i) => {
        const [, , kind = '', label] = columns[i];
        return element('td', { class: kind, ...(label && { 'data-label': label }) }, text);
      });
      return element('tr', {}, ...tds);
    });
    return [
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...body),
    ];
  });
}

/** The first rows, and the others behind a fold. */
function foldedTable(id, caption, columns, rows, none, most = rowsMax) {
  const rest = rows.slice(most);
  table(id, caption, columns, rows.slice(0, most), none);
  find(`${id}-rest`).hidden = rest.length === 0;
  const summary = find(`${id}-rest`).querySelector('summary');
  if (summary.textContent !== `${rest.length} more`) summary.textContent = `${rest.length} more`;
  table(`${id}-more`, '', columns, rest, '');
}

function list(id, pairs) {
  show(id, pairs, () =>
    pairs.map(([term, value, kind = '']) =>
      element('div', { class: kind }, element('dt', {}, term), element('dd', {}, String(value))),
    ),
  );
}

let samples = [];
let startedAtMs;
/** The answer before this one, for the rates of what /history does not have. */
let before;

function note(stats) {
  if (startedAtMs !== stats.startedAtMs) [samples, before] = [[], undefined];
  startedAtMs = stats.startedAtMs;
  const { atMs, account, badEventCount, sent, lagRecords } = stats;
  const { consumed, exported, inFlight } = account;
  const sentOctets = sent.octets ?? 0;
  samples.push({ atMs, consumed, exported, badEventCount, inFlight, sentOctets, lagRecords });
  samples = samples.filter((sample) => sample.atMs >= atMs - keptMs);
}

/** What a total rose by in a second: the mean of the last five, so that it can be read. */
const ratesOf = (key) =>
  samples.slice(1).map((sample, i) => {
    const earlier = samples[Math.max(0, i - 4)];
    const seconds = (sample.atMs - earlier.atMs) / 1000;
    const rose = Math.max(0, sample[key] - earlier[key]);
    return [sample.atMs, seconds > 0 ? rose / seconds : 0];
  });

/** What a total rose by within the last minute. */
function roseLately(key) {
  const newest = samples.at(-1);
  const since = samples.find(({ atMs }) => atMs >= newest.atMs - minuteMs);
  return newest[key] - since[key];
}

/** `3.6 Mbit/s` */
const withUnit = (value, unit) => short.format(value).replace(/\D?$/, ` $&${unit}`);

const last = (points) => points.at(-1)?.[1] ?? 0;

/** How far back the charts go: as far as there is something to show, in whole minutes. */
const minutesShown = () =>
  Math.max(1, Math.ceil(((samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0)) / minuteMs));

/** The distance of two gridlines, so that the second one is above all values: a short number. */
function gridStep(highest) {
  const least = Math.max(0.5, highest / 2);
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]
    .map((factor) => factor * power)
    .find((step) => step >= least);
}

const svgNamespace = 'http://www.w3.org/2000/svg';
function path(d, kind) {
  const made = document.createElementNS(svgNamespace, 'path');
  made.setAttribute('d', d);
  made.setAttribute('class', kind);
  return made;
}

/** The charts by id: their parts, and what they show now. */
const charts = new Map();
const [width, height] = [600, 100];

function makeChart(id) {
  const svg = document.createElementNS(svgNamespace, 'svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  const labels = [0, 1, 2].map((i) => {
    const label = element('span', { class: 'y', 'aria-hidden': 'true' });
    label.style.top = `${100 - 50 * i}%`;
    return label;
  });
  const begin = element('span', { class: 'x', 'aria-hidden': 'true' });
  const end = element('span', { class: 'x end', 'aria-hidden': 'true' }, 'now');
  const tip = element('span', { class: 'tip', 'aria-hidden': 'true', hidden: '' });
  const made = { svg, labels, begin, tip, at: undefined, series: [] };
  const box = find(id);
  box.replaceChildren(svg, ...labels, begin, end, tip);
  const point = (event) => {
    const { left, width: across } = box.getBoundingClientRect();
    made.at = Math.min(1, Math.max(0, (event.clientX - left) / across));
    drawTip(made);
  };
  const leave = () => {
    made.at = undefined;
    drawTip(made);
  };
  box.addEventListener('pointermove', point);
  box.addEventListener('pointerdown', point);
  // What a finger has shown stays until another place is touched.
  box.addEventListener('pointerleave', ({ pointerType }) => pointerType === 'touch' || leave());
  document.addEventListener('pointerdown', ({ target }) => box.contains(target) || leave());
  charts.set(id, made);
  return made;
}

const clock = (atMs) => new Date(atMs).toISOString().slice(11, 19);

function drawTip(made) {
  const { at, series, tip, svg, shownMs, nowMs } = made;
  svg.querySelector('.cursor')?.remove();
  const points = series[0]?.points ?? [];
  tip.hidden = at === undefined || points.length === 0;
  if (tip.hidden) return;
  const wantedMs = nowMs - (1 - at) * shownMs;
  const distance = (i) => Math.abs(points[i][0] - wantedMs);
  let nearest = 0;
  for (let i = 1; i < points.length; i += 1) if (distance(i) <= distance(nearest)) nearest = i;
  const [atMs] = points[nearest];
  const x = 1 - (nowMs - atMs) / shownMs;
  svg.append(path(`M${x * width} 0V${height}`, 'cursor'));
  const lines = series.map(({ name, points: all }) => `${rate(all[nearest][1])} ${name}`);
  tip.textContent = [`${clock(atMs)} UTC`, ...lines].join('\n');
  tip.style.left = x < 0.5 ? `calc(${x * 100}% + 0.6rem)` : '';
  tip.style.right = x < 0.5 ? '' : `calc(${(1 - x) * 100}% + 0.6rem)`;
}

/** A series has a name and points, [time, value]; all of a chart have the same times. */
function chart(id, label, series) {
  const made = charts.get(id) ?? makeChart(id);
  const highest = Math.max(0, ...series.flatMap(({ points }) => points.map(([, y]) => y)));
  const step = gridStep(highest);
  const nowMs = samples.at(-1)?.atMs ?? 0;
  const shownMs = minutesShown() * minuteMs;
  const place = ([atMs, value]) => {
    const x = width - ((nowMs - atMs) / shownMs) * width;
    return `${x.toFixed(1)} ${(height - (value / (2 * step)) * height).toFixed(1)}`;
  };
  const line = (points) => (points.length === 0 ? '' : `M${points.map(place).join('L')}`);
  const [first, second] = series;
  const d = line(first.points);
  const parts = [
    path(`M0 0H${width}M0 ${height / 2}H${width}`, 'grid'),
    path(d === '' ? '' : `${d}V${height}H${d.slice(1).split(' ')[0]}Z`, 'area'),
    path(`M0 ${height}H${width}`, 'zero'),
    ...(second ? [path(line(second.points), 'two')] : []),
    path(d, 'one'),
  ];
  made.svg.replaceChildren(...parts);
  const now = rate(last(first.points));
  made.svg.setAttribute(
    'aria-label',
    `${label}, the last ${minutesShown()} min: ${now} now, ${rate(highest)} at most`,
  );
  made.labels.forEach((text, i) => (text.textContent = short.format(i * step)));
  made.begin.textContent = `${minutesShown()} min ago`;
  Object.assign(made, { series, shownMs, nowMs });
  drawTip(made);
  return now;
}

function drawCharts() {
  const exported = { name: 'exported', points: ratesOf('exported') };
  const consumed = { name: 'consumed', points: ratesOf('consumed') };
  const bad = { name: 'bad events', points: ratesOf('badEventCount') };
  const lag = { name: 'records', points: samples.map((one) => [one.atMs, one.lagRecords]) };
  showText('rate-now', chart('rate', 'Events exported per second', [exported, consumed]));
  showText('lag-now', chart('lag', 'Lag in records', [lag]));
  showText('bad-now', chart('bad-rate', 'Bad events per second', [bad]));
}

function duration(ms) {
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

const signs = { not: '✗ ', stale: '✗ ', warn: '! ' };

function drawState({ ready, reasons, host }) {
  const isLosing = roseLately('badEventCount') > 0;
  if (!ready) setState('not', 'Not ready', host);
  else if (isLosing) setState('warn', 'Ready, but some events cannot be exported', host);
  else setState('ready', 'Ready: events are exported', host);
  find('bad-section').classList.toggle('warn', isLosing);
  // Workers that have the same trouble say so once.
  const texts = [...new Set(reasons.map(({ text }) => text))];
  const more = texts.length - reasonsMax;
  if (more > 0) texts.splice(reasonsMax, more, `and ${number(more)} more: see /readyz`);
  show('reasons', texts, () => texts.map((text) => element('li', {}, text)));
}

function setState(state, text, host = find('host').textContent) {
  find('state').dataset.state = state;
  showText('state', text);
  document.title = `${signs[state] ?? ''}${host} – kafka2ipfix`;
  document.body.classList.toggle('stale', state === 'stale');
}

/** `≥ 12.3 s` where the true lag may be larger. */
const lagText = (seconds, isLowerBound) =>
  seconds === undefined ? 'not known' : `${isLowerBound ? '≥ ' : ''}${seconds.toFixed(1)} s`;

const reasonsText = (counts) =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason} ${number(count)}`)
    .join(', ');

function draw(stats) {
  const { kafka, input, account, sent, partitions } = stats;
  showText('host', `on ${stats.host}`);
  showText('version', `version ${stats.version}`);
  const from = kafka
    ? `${kafka.topics.join(', ')} as ${kafka.group}, from ${kafka.brokers.join(', ')}`
    : input;
  showText('source', `${from} to ${stats.collector}`);
  drawState(stats);
  drawCharts();
  const lagSeconds = Math.max(0, ...partitions.map((seen) => seen.lagSeconds ?? 0));
  const isLowerBound = partitions.some((seen) => seen.lagIsLowerBound);
  list('tiles', [
    ['Sent', `${withUnit(last(ratesOf('sentOctets')) * 8, 'bit/s')}`],
    ['Messages', number(sent.messages)],
    ['Sent again', number(sent.resentMessages)],
    ...(kafka ? [['Lag in time', lagText(lagSeconds, isLowerBound)]] : []),
    ['In flight', number(account.inFlight)],
    ['Running for', duration(stats.atMs - stats.startedAtMs)],
  ]);
  list('account', [
    ['consumed', number(account.consumed)],
    ['exported', number(account.exported)],
    ['dead-lettered', number(account.deadLettered), account.deadLettered > 0 ? 'warn' : ''],
    ['discarded', number(account.discarded)],
    ['returned', number(account.returned)],
    ['in flight', number(account.inFlight)],
  ]);
  const discarded = reasonsText(account.discardedByReason);
  showText('reasons-discarded', discarded === '' ? '' : `Discarded: ${discarded}`);
  drawTroubles(stats);
  drawBadEvents(stats);
  drawTables(stats);
  before = stats;
}

const dayMs = 86_400_000;

/** The day only where it is another one. */
const timeText = (atMs, nowMs) =>
  Math.floor(atMs / dayMs) === Math.floor(nowMs / dayMs)
    ? clock(atMs)
    : `${new Date(atMs).toISOString().slice(0, 10)} ${clock(atMs)}`;

const times = (count) => (count > 1 ? ` (${number(count)} times)` : '');

function drawTroubles({ troubles, atMs: nowMs }) {
  // Those have a table of their own.
  const others = troubles.filter(({ code }) => code !== 'BAD_EVENT');
  find('troubles-section').hidden = others.length === 0;
  foldedTable(
    'troubles',
    'Newest first; times are UTC',
    [
      ['Time', ({ atMs }) => timeText(atMs, nowMs), 'time'],
      ['Level', ({ level }) => level],
      ['Code', ({ code }) => code, 'time'],
      ['Worker', ({ worker }) => worker, '', 'Worker'],
      ['Where', ({ place }) => place, 'name'],
      ['What', ({ message, count }) => message + times(count), 'wide'],
    ],
    others,
    'None',
    troublesMax,
  );
}

function drawBadEvents({ badEvents, badEventCount, losses, account, atMs: nowMs }) {
  find('bad-section').hidden = badEventCount === 0 && badEvents.length === 0;
  const letters = losses.map(({ topic, deadLettered }) => [topic, reasonsText(deadLettered)]);
  list('bad-tiles', [
    ['Now', `${rate(last(ratesOf('badEventCount')))}/s`],
    ['Last minute', number(roseLately('badEventCount'))],
    ['Dead-lettered', number(account.deadLettered)],
    ['Discarded', number(badEventCount - account.deadLettered)],
    ...letters.filter(([, text]) => text !== '').map(([topic, text]) => [`of ${topic}`, text]),
  ]);
  const place = ({ topic, partition, offset, event }) =>
    `${topic}[${partition}] offset ${offset}${event === undefined ? '' : ` event ${event}`}`;
  foldedTable(
    'bad',
    'The last one of each kind, newest first; requeue --show prints the values of dead letters',
    [
      ['Time', ({ atMs }) => timeText(atMs, nowMs), 'time'],
      ['Reason', ({ reason }) => reason],
      ['Count', ({ count }) => number(count), 'number', 'count'],
      ['Where', place, 'name'],
      ['Problem', ({ problem }) => problem, 'wide'],
      ['Done', ({ done }) => done, 'name'],
    ],
    badEvents,
    'None',
    troublesMax,
  );
}

/** The share of the time between two answers in which a Worker's event loop worked. */
function busyText({ worker, busyMs }, { atMs }) {
  const earlier = before?.workers.find((other) => other.worker === worker);
  if (!earlier || atMs <= before.atMs || busyMs < earlier.busyMs) return '–';
  const share = (busyMs - earlier.busyMs) / (atMs - before.atMs);
  return `${Math.round(100 * Math.min(1, share))} %`;
}

const ipVersionOf = ({ elements }) => {
  const versions = ['IPv4', 'IPv6'].filter((version) =>
    elements.some((name) => name.includes(version)),
  );
  return versions.length === 1 ? versions[0].slice(3) : versions.length === 0 ? '–' : '4 and 6';
};

const keyOf = ({ id, elements }) => `${id} ${elements.join()}`;

function drawTables(stats) {
  const { collectors, workers, partitions, sendErrors, kafka, account } = stats;
  const errors = Object.entries(sendErrors).map(([code, n]) => `${number(n)} × ${code}`);
  const said = errors.length === 0 ? 'No errors so far' : `Errors so far: ${errors.join(', ')}`;
  table(
    'collectors',
    said,
    [
      ['Worker', (c) => c.worker, '', 'Worker'],
      ['Address', (c) => c.address, 'name'],
      ['State', ({ state, code }) => (code === undefined ? state : `${state} (${code})`)],
    ],
    collectors,
    'Not known yet',
  );
  table(
    'workers',
    'One row for each Worker, a member of the group',
    [
      ['Worker', (w) => w.worker, '', 'Worker'],
      ['State', (w) => w.state],
      ['Busy', (w) => busyText(w, stats), 'number', 'busy'],
      ['Waits for', (w) => w.waitingFor ?? '–', 'name', 'waits for'],
      [
        'In the group',
        (w) => (w.joined === undefined ? 'reads a file' : w.joined ? 'yes' : 'no'),
        '',
        'in the group',
      ],
      ['Joins', (w) => number(w.joins), 'number', 'joins'],
      ['Exported', (w) => number(w.account?.exported), 'number', 'exported'],
      ['Observation Domain', (w) => w.observationDomainId ?? '', 'number', 'domain'],
      ['Heap in MiB', (w) => number(w.heapOctets / 2 ** 20), 'number', 'heap in MiB'],
    ],
    workers,
    'None yet',
  );
  for (const id of ['partitions-section', 'lag-figure']) find(id).hidden = kafka === undefined;
  const lag = (seen) => seen.lagRecords ?? -1;
  foldedTable(
    'partitions',
    'Largest lag first: records between the committed offset and the end, and the age of the oldest one',
    [
      ['Partition', (p) => `${p.topic}[${p.partition}]`, 'wide'],
      ['Lag', (p) => number(p.lagRecords), 'number', 'lag'],
      ['In time', (p) => lagText(p.lagSeconds, p.lagIsLowerBound), 'number', 'in time'],
      ['Committed', (p) => number(p.committed), 'number spare'],
      ['End', (p) => number(p.end), 'number spare'],
      ['Worker', (p) => p.worker, 'number', 'Worker'],
    ],
    partitions.toSorted((a, b) => lag(b) - lag(a)),
    'No partition is assigned',
  );
  drawTemplates(stats, account);
}

function drawTemplates({ templates, atMs }) {
  const earlier = new Map(before?.templates.map((seen) => [keyOf(seen), seen.records]));
  const seconds = before && atMs > before.atMs ? (atMs - before.atMs) / 1000 : 0;
  const rateOf = (seen) => {
    const known = earlier.get(keyOf(seen));
    return known === undefined || seconds === 0
      ? '–'
      : rate(Math.max(0, seen.records - known) / seconds);
  };
  showText('templates-title', `Templates (${number(templates.length)})`);
  if (!find('templates-rest').open) return;
  const more = templates.length - rowsMax;
  table(
    'templates',
    more > 0 ? `Most used first; /stats has the other ${number(more)}` : 'Most used first',
    [
      ['ID', (t) => t.id, '', 'ID'],
      ['Topic', (t) => t.topics.join(', ') || '–', 'name'],
      ['IP version', ipVersionOf, '', 'IP'],
      ['Records per second', rateOf, 'number', 'per second'],
      ['Data Records', (t) => number(t.records), 'number', 'records'],
      ['Information Elements', (t) => t.elements.join(', '), 'wide'],
    ],
    templates.slice(0, rowsMax),
    'None yet',
  );
}

const ask = async (url) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
};

let heardAtMs = performance.now();
let hasHistory = false;

async function look() {
  try {
    if (!hasHistory) {
      ({ samples } = await ask('/history'));
      hasHistory = true;
    }
    const stats = await ask('/stats');
    startedAtMs ??= stats.startedAtMs;
    note(stats);
    heardAtMs = performance.now();
    draw(stats);
  } catch {
    const silentMs = performance.now() - heardAtMs;
    if (silentMs > staleMs) {
      setState('stale', `No answer for ${duration(silentMs)}: the data below is stale`);
      hasHistory = false;
    }
  }
}

/** A page that nobody sees asks nothing; what it missed the server has kept. */
function onlyWhileSeen() {
  if (document.hidden) hasHistory = false;
  else void look();
}

for (const id of ['troubles', 'bad', 'templates', 'workers', 'partitions', 'collectors']) {
  find(id).classList.add('stack');
  find(`${id}-more`)?.classList.add('stack');
}
document.addEventListener('visibilitychange', onlyWhileSeen);
setInterval(() => document.hidden || void look(), everyMs);
void look();
