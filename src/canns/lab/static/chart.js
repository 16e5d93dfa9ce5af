// A chart on one canvas: lines, points and bars over two axes with names and round ticks.
const MARGIN = { left: 62, right: 14, top: 12, bottom: 50 };

function ticksOf([low, high], room) {
  const rough = (high - low) / Math.max(2, room), power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((k) => k * power).find((k) => k >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

// The ends of an axis: fixed ones, or those of the values and some room around them.
function spread(values, fixed, share) {
  if (fixed) return fixed;
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!Number.isFinite(low)) return [0, 1];
  if (low === high) return share ? [low - 1, high + 1] : [low, high + 1];
  const room = (high - low) * share;
  return [low - room, high + room];
}

export default {
  template: `
    <figure class="chart">
      <figcaption v-if="series.length > 1 || series.some((one) => one.name)">
        <span v-for="one in series.filter((one) => one.name)">
          <i :style="{ background: colour(one) }" :class="one.kind"></i>{{ one.name }}
        </span>
      </figcaption>
      <canvas ref="canvas" role="img" :aria-label="label" :class="{ pick }"
        @pointerdown="down" @pointermove="move" @pointerup="dragged = false"></canvas>
    </figure>`,
  props: {
    label: String,
    xName: String,
    yName: String,
    xRange: Array,
    yRange: Array,
    start: { type: Array, default: () => [] },
    pick: Boolean,
  },
  data() {
    return { series: this.start };
  },
  mounted() {
    this.dragged = false;
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(this.$refs.canvas);
    this.dark = new MutationObserver(() => this.draw());
    this.dark.observe(document.body, { attributeFilter: ["class"] });
    this.draw();
  },
  beforeUnmount() {
    this.watcher.disconnect();
    this.dark.disconnect();
  },
  watch: {
    start(series) { this.show(series); },
    xRange() { this.draw(); },
    yRange() { this.draw(); },
    yName() { this.draw(); },
  },
  methods: {
    show(series) {
      this.series = series;
      this.draw();
    },
    colour(one) {
      return `var(--${one.colour || "blue"})`;
    },
    // Draw at the next frame of the screen, once, however often it is asked for.
    draw() {
      if (this.asked) return;
      this.asked = requestAnimationFrame(() => {
        this.asked = null;
        this.paintAll();
      });
    },
    paintAll() {
      const canvas = this.$refs.canvas;
      if (!canvas || !canvas.clientWidth) return;
      const scale = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
      const context = canvas.getContext("2d"), style = getComputedStyle(canvas);
      if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(height * scale);
      }
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      const shown = this.series;
      const x = spread(shown.flatMap((one) => one.x), this.xRange, 0);
      const bars = shown.some((one) => one.kind === "bars") ? [0] : [];
      const y = spread([...bars, ...shown.flatMap((one) => [...one.y, ...(one.low || []), ...(one.high || [])])], this.yRange, 0.06);
      this.place = {
        x: (value) => MARGIN.left + ((value - x[0]) / (x[1] - x[0])) * (width - MARGIN.left - MARGIN.right),
        y: (value) => height - MARGIN.bottom - ((value - y[0]) / (y[1] - y[0])) * (height - MARGIN.top - MARGIN.bottom),
        value: (place) => x[0] + ((place - MARGIN.left) / (width - MARGIN.left - MARGIN.right)) * (x[1] - x[0]),
      };
      this.axes(context, style, x, y, width, height);
      context.save();
      context.beginPath();
      context.rect(MARGIN.left - 7, MARGIN.top - 7, width - MARGIN.left - MARGIN.right + 14, height - MARGIN.top - MARGIN.bottom + 14);
      context.clip();
      for (const one of shown) this.one(context, style, one);
      context.restore();
    },
    axes(context, style, x, y, width, height) {
      const bottom = height - MARGIN.bottom;
      context.font = `14px ${style.fontFamily}`;
      context.fillStyle = style.getPropertyValue("--ink");
      context.strokeStyle = style.getPropertyValue("--grid");
      context.lineWidth = 1;
      context.textAlign = "center";
      for (const tick of ticksOf(x, (width - 80) / 80)) {
        this.stroke(context, [[this.place.x(tick), bottom], [this.place.x(tick), MARGIN.top]]);
        context.fillText(tick.toLocaleString("en"), this.place.x(tick), bottom + 18);
      }
      context.textAlign = "right";
      for (const tick of this.yName ? ticksOf(y, (height - 60) / 40) : []) {
        this.stroke(context, [[MARGIN.left, this.place.y(tick)], [width - MARGIN.right, this.place.y(tick)]]);
        context.fillText(tick.toLocaleString("en"), MARGIN.left - 7, this.place.y(tick) + 5);
      }
      context.strokeStyle = style.getPropertyValue("--ink");
      this.stroke(context, [[MARGIN.left, MARGIN.top], [MARGIN.left, bottom], [width - MARGIN.right, bottom]]);
      context.font = `600 15px ${style.fontFamily}`;
      context.textAlign = "center";
      context.fillText(this.xName, (MARGIN.left + width - MARGIN.right) / 2, height - 10);
      context.save();
      context.translate(16, (MARGIN.top + bottom) / 2);
      context.rotate(-Math.PI / 2);
      context.fillText(this.yName, 0, 0);
      context.restore();
    },
    stroke(context, points) {
      context.beginPath();
      for (const [x, y] of points) context.lineTo(x, y);
      context.stroke();
    },
    one(context, style, one) {
      const points = one.x.map((value, k) => [this.place.x(value), this.place.y(one.y[k])]);
      context.strokeStyle = context.fillStyle = style.getPropertyValue(`--${one.colour || "blue"}`);
      context.lineWidth = one.kind === "thin" ? 1.2 : 2.6;
      context.setLineDash(one.kind === "dashed" ? [7, 5] : []);
      if (one.kind === "bars") {
        const base = this.place.y(0), width = points.length > 1 ? points[1][0] - points[0][0] : 20;
        for (const [x, y] of points) context.fillRect(x - width * 0.46, Math.min(y, base), width * 0.92, Math.abs(base - y));
      } else if (one.kind === "points" || one.kind === "here") {
        points.forEach(([x, y], k) => {
          if (one.low) this.stroke(context, [[x, this.place.y(one.low[k])], [x, this.place.y(one.high[k])]]);
          context.beginPath();
          context.arc(x, y, one.kind === "here" ? 8 : 4.5, 0, 2 * Math.PI);
          context.fill();
        });
      } else if (points.length === 1) {
        context.beginPath();
        context.arc(...points[0], 3, 0, 2 * Math.PI);
        context.fill();
      } else this.stroke(context, points);
      context.setLineDash([]);
    },
    down(event) {
      if (!this.pick) return;
      this.dragged = true;
      this.$refs.canvas.setPointerCapture(event.pointerId);
      this.move(event);
    },
    move(event) {
      if (!this.dragged) return;
      const box = this.$refs.canvas.getBoundingClientRect();
      this.$emit("pick", this.place.value(event.clientX - box.left));
    },
  },
};
