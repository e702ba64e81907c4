// In a browser: draws a dashboard's panels with the answers of their queries, as nearly as Grafana would as a picture needs.
const colours = [
  "#73bf69",
  "#f2cc0c",
  "#8ab8ff",
  "#ff780a",
  "#f2495c",
  "#5794f2",
  "#b877d9",
  "#705da0",
  "#37872d",
  "#fade2a",
];
const axis = {
  stroke: "#9fa7b3",
  grid: { stroke: "#2c3235", width: 1 },
  ticks: { stroke: "#2c3235" },
  font: "11px Inter",
};

const digits = (value, most = 3) =>
  Number(value.toPrecision(most)).toLocaleString("en-US", { maximumFractionDigits: 6 });
const scaled = (value, steps) => {
  if (value === 0) return "0";
  const [size, name] = steps.find(([least]) => Math.abs(value) >= least) ?? steps.at(-1);
  return `${digits(value / (size || 1))} ${name}`.trim();
};
const units = {
  currencyUSD: (value) => (Math.abs(value) >= 1 || value === 0 ? `$${value.toFixed(2)}` : `$${digits(value, 2)}`),
  percentunit: (value) => `${digits(value * 100)} %`,
  µs: (value) =>
    scaled(value, [
      [60e6, "min"],
      [1e6, "s"],
      [1e3, "ms"],
      [1, "µs"],
    ]),
  ms: (value) =>
    scaled(value, [
      [60e3, "min"],
      [1e3, "s"],
      [1, "ms"],
    ]),
  s: (value) =>
    scaled(value, [
      [3600, "h"],
      [60, "min"],
      [1, "s"],
      [1e-3, "ms"],
    ]),
  bytes: (value) =>
    scaled(value, [
      [2 ** 30, "GiB"],
      [2 ** 20, "MiB"],
      [2 ** 10, "KiB"],
      [1, "B"],
    ]),
  reqps: (value) => `${digits(value)} /s`,
  dateTimeAsIso: String,
  short: (value) =>
    scaled(value, [
      [1e9, "Bil"],
      [1e6, "Mil"],
      [1e3, "K"],
      [1, ""],
      [0, ""],
    ]),
};
const shown = (value, unit) =>
  value === null || value === "" || Number.isNaN(Number(value))
    ? String(value ?? "")
    : (units[unit] ?? units.short)(Number(value));
const isNumber = ({ type }) => /^(Nullable\()?(U?Int\d+|Float\d+|Decimal|Bool)/.test(type);
const element = (parent, name, className, text) => {
  const made = parent.appendChild(document.createElement(name));
  made.className = className ?? "";
  if (text !== undefined) made.textContent = text;
  return made;
};

const draw = {
  stat(body, { columns, rows, unitOf }) {
    columns.forEach(({ name }, at) => {
      const value = element(body, "div", "stat");
      element(value, "span", "stat-name", name);
      element(value, "b", "", shown(rows[0]?.[at] ?? null, unitOf(name)));
    });
  },

  table(body, { columns, rows, unitOf }) {
    const table = element(body, "table");
    const head = element(element(table, "thead"), "tr");
    for (const column of columns) element(head, "th", isNumber(column) ? "number" : "", column.name);
    const lines = element(table, "tbody");
    for (const row of rows) {
      const line = element(lines, "tr");
      columns.forEach((column, at) => {
        const number = isNumber(column);
        const value = String(row[at] ?? "").replace(/(:\d\d)\.\d+$/, "$1");
        element(line, "td", number ? "number" : "", number ? shown(row[at], unitOf(column.name)) : value.slice(0, 60));
      });
    }
  },

  timeseries(body, { columns, rows, unit, stacked }) {
    const text = columns.flatMap((column, at) => (at > 0 && !isNumber(column) ? [at] : []));
    const numbers = columns.flatMap((column, at) => (at > 0 && isNumber(column) ? [at] : []));
    const times = [...new Set(rows.map(([time]) => time))].sort();
    const series = new Map();
    for (const row of rows) {
      for (const at of numbers) {
        const names = [
          ...text.map((one) => row[one] || "(none)"),
          ...(numbers.length > 1 || text.length === 0 ? [columns[at].name] : []),
        ];
        const name = names.join(" ");
        if (!series.has(name)) series.set(name, new Map());
        series.get(name).set(row[0], row[at] === null ? null : Number(row[at]));
      }
    }
    const seconds = times.map((time) => Date.parse(`${time.replace(" ", "T")}Z`) / 1000);
    const names = [...series.keys()].slice(0, colours.length);
    const values = names.map((name) => times.map((time) => series.get(name).get(time) ?? (stacked ? 0 : null)));
    const sums = values.map((_, nth) =>
      times.map((_, i) => values.slice(0, nth + 1).reduce((sum, of) => sum + (of[i] ?? 0), 0)),
    );
    const order = names.map((_, i) => i);
    // Bars of sums, the tallest first, so that each is seen above the one that it stands on.
    if (stacked) order.reverse();
    const legend = element(body, "div", "legend");
    names.forEach((name, i) => {
      const entry = element(legend, "span", "", name);
      entry.style.setProperty("--colour", colours[i]);
    });
    const place = element(body, "div", "plot");
    new uPlot(
      {
        ...{ width: body.clientWidth - 8, height: body.clientHeight - legend.offsetHeight - 8 },
        ...{
          legend: { show: false },
          cursor: { show: false },
          tzDate: (time) => uPlot.tzDate(new Date(time * 1000), "UTC"),
        },
        scales: { y: { range: (_, least, most) => [Math.min(0, least ?? 0), (most || 1) * 1.05] } },
        axes: [axis, { ...axis, size: 66, values: (_, ticks) => ticks.map((tick) => shown(tick, unit)) }],
        series: [
          {},
          ...order.map((i) => ({
            ...{
              label: names[i],
              stroke: colours[i],
              width: stacked ? 0 : 1.5,
              points: { show: times.length < 2 || undefined, size: 4 },
            },
            ...(stacked ? { fill: colours[i], paths: uPlot.paths.bars({ size: [0.8, 60] }) } : { spanGaps: false }),
          })),
        ],
      },
      [seconds, ...order.map((i) => (stacked ? sums[i] : values[i]))],
      place,
    );
  },

  heatmap(body, { columns, rows, unit }) {
    const bounds = columns.slice(1).map(({ name }) => Number(name));
    const most = Math.max(1, ...rows.flatMap((row) => row.slice(1).map(Number)));
    const grid = element(body, "div", "heatmap");
    grid.style.gridTemplateColumns = `70px repeat(${rows.length}, 1fr)`;
    for (let at = bounds.length - 1; at >= 0; at--) {
      element(grid, "span", "", `to ${shown(bounds[at], unit)}`);
      for (const row of rows) {
        const cell = element(grid, "i");
        const share = Math.sqrt(Number(row[at + 1]) / most);
        cell.style.background =
          share === 0 ? "transparent" : `rgba(255, ${Math.round(190 - 120 * share)}, 60, ${0.25 + 0.75 * share})`;
      }
    }
  },

  traces(body, { columns, rows }) {
    const at = (name) => columns.findIndex((column) => column.name === name);
    const starts = rows.map((row) => Number(row[at("startTime")]));
    const first = Math.min(...starts);
    const whole = Math.max(...rows.map((row, i) => starts[i] - first + Number(row[at("duration")])), 1);
    const depth = new Map();
    const depthOf = (id) => {
      const row = rows.find((one) => one[at("spanID")] === id);
      if (!row) return -1;
      if (!depth.has(id)) depth.set(id, depthOf(row[at("parentSpanID")]) + 1);
      return depth.get(id);
    };
    for (const [i, row] of rows.entries()) {
      const line = element(body, "div", "span-line");
      const name = element(line, "span", "", `${row[at("serviceName")]} ${row[at("operationName")]}`);
      name.style.paddingLeft = `${12 * depthOf(row[at("spanID")])}px`;
      const bar = element(element(line, "div"), "i");
      bar.style.left = `${((starts[i] - first) / whole) * 100}%`;
      bar.style.width = `${Math.max(0.3, (Number(row[at("duration")]) / whole) * 100)}%`;
      element(bar, "em", "", shown(row[at("duration")], "ms"));
    }
  },
};

window.drawBoard = ({ title, panels }) => {
  element(document.body, "h1", "", title);
  const board = element(document.body, "main");
  for (const panel of panels) {
    const { x, y, w, h } = panel.place;
    const frame = element(board, "section");
    frame.style.gridArea = `${y + 1} / ${x + 1} / ${y + h + 1} / ${x + w + 1}`;
    element(frame, "h2", "", panel.title);
    const body = element(frame, "div", `body ${panel.type}`);
    const unitOf = (column) => panel.units[column] ?? panel.unit;
    if (panel.rows.length === 0) element(body, "p", "", "No data");
    else draw[panel.type](body, { ...panel, unitOf });
  }
};
