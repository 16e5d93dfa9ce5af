// A grid of cells on one canvas: drawn on with mouse, finger or keys, and shown from bytes.
const PALETTES = { signs: ["--off", "--blue"], fields: ["--orange", "--off", "--blue"] };

function decode(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

export default {
  template: `
    <div class="pixels">
      <canvas ref="canvas" :style="{ aspectRatio: columns + ' / ' + rows }" :tabindex="editable ? 0 : -1" :role="editable ? 'application' : 'img'"
        :aria-roledescription="editable ? 'grid of neurons' : null" :aria-label="label"
        @pointerdown="down" @pointermove="move" @pointerup="up" @pointercancel="up"
        @keydown="key" @focus="draw" @blur="draw"></canvas>
      <span v-if="editable" class="unseen" aria-live="polite">{{ said }}</span>
    </div>`,
  props: {
    rows: Number,
    columns: Number,
    label: String,
    editable: Boolean,
    palette: { type: String, default: "signs" },
    tile: { type: Number, default: 0 },
    values: { type: String, default: "" },
  },
  data: () => ({ said: "" }),
  created() {
    Object.assign(this, { row: 0, column: 0, painting: null, pending: new Map(), last: null });
    this.cells = new Uint8Array(this.rows * this.columns);
    this.buffer = document.createElement("canvas");
  },
  mounted() {
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(this.$refs.canvas);
    this.dark = new MutationObserver(() => this.draw());
    this.dark.observe(document.body, { attributeFilter: ["class"] });
    this.resize();
  },
  beforeUnmount() {
    this.watcher.disconnect();
    this.dark.disconnect();
  },
  watch: {
    values() { this.resize(); },
    rows() { this.resize(); },
    columns() { this.resize(); },
    tile() { this.draw(); },
  },
  methods: {
    resize() {
      this.buffer.width = this.columns;
      this.buffer.height = this.rows;
      this.row = Math.min(this.row, this.rows - 1);
      this.column = Math.min(this.column, this.columns - 1);
      this.cells = new Uint8Array(this.rows * this.columns);
      if (this.values) this.show(this.values);
      else this.draw();
    },
    show(text) {
      const cells = decode(text);
      if (cells.length !== this.rows * this.columns) return;
      this.cells = cells;
      this.draw();
    },
    // Move everything one column to the left, and put a new one at the right.
    push(text) {
      const added = decode(text);
      for (let row = 0; row < this.rows; row++) {
        const start = row * this.columns;
        this.cells.copyWithin(start, start + 1, start + this.columns);
        this.cells[start + this.columns - 1] = added[row];
      }
      this.draw();
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
      const style = getComputedStyle(canvas), scale = window.devicePixelRatio || 1;
      const width = Math.round(canvas.clientWidth * scale);
      const height = Math.round(canvas.clientHeight * scale);
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
      const table = this.table(style);
      const small = this.buffer.getContext("2d"), image = small.createImageData(this.columns, this.rows);
      const points = new Uint32Array(image.data.buffer);
      for (let k = 0; k < points.length; k++) points[k] = table[this.cells[k]];
      small.putImageData(image, 0, 0);
      const context = canvas.getContext("2d");
      context.imageSmoothingEnabled = false;
      context.drawImage(this.buffer, 0, 0, width, height);
      this.lines(context, style, width, height, scale);
    },
    // The colour of each value, as a pixel; it is made anew if the page becomes dark.
    table(style) {
      const names = PALETTES[this.palette], found = names.map((name) => style.getPropertyValue(name).trim());
      if (this.colours === found.join()) return this.colourTable;
      const stops = found.map((hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)));
      const bytes = new Uint8ClampedArray(4 * 256);
      for (let value = 0; value < 256; value++) {
        const place = (value / 255) * (stops.length - 1), low = Math.min(Math.floor(place), stops.length - 2);
        for (let c = 0; c < 3; c++)
          bytes[4 * value + c] = stops[low][c] + (place - low) * (stops[low + 1][c] - stops[low][c]);
        bytes[4 * value + 3] = 255;
      }
      this.colours = found.join();
      this.colourTable = new Uint32Array(bytes.buffer);
      return this.colourTable;
    },
    lines(context, style, width, height, scale) {
      const every = this.tile || (this.editable && width / this.columns > 9 * scale ? 1 : 0);
      context.strokeStyle = style.getPropertyValue(this.tile ? "--page" : "--grid");
      context.lineWidth = this.tile ? 4 * scale : scale;
      context.beginPath();
      for (let k = every; every && k < this.columns; k += every) {
        context.moveTo((k * width) / this.columns, 0);
        context.lineTo((k * width) / this.columns, height);
      }
      for (let k = every; every && k < this.rows; k += every) {
        context.moveTo(0, (k * height) / this.rows);
        context.lineTo(width, (k * height) / this.rows);
      }
      context.stroke();
      if (this.editable && document.activeElement === this.$refs.canvas) {
        const [w, h] = [width / this.columns, height / this.rows];
        context.strokeStyle = style.getPropertyValue("--orange");
        context.lineWidth = 3 * scale;
        context.strokeRect(this.column * w, this.row * h, w, h);
      }
    },
    at(event) {
      const box = this.$refs.canvas.getBoundingClientRect();
      const place = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
      return [
        place((event.clientY - box.top) / box.height, this.rows),
        place((event.clientX - box.left) / box.width, this.columns),
      ];
    },
    down(event) {
      if (!this.editable) return;
      this.$refs.canvas.setPointerCapture(event.pointerId);
      [this.row, this.column] = this.last = this.at(event);
      this.painting = this.cells[this.row * this.columns + this.column] < 128;
      this.paint(this.row, this.column);
    },
    move(event) {
      if (this.painting === null) return;
      // A fast mouse skips cells: paint all on the straight line from the last one.
      const [row, column] = this.at(event), [from, start] = this.last;
      const steps = Math.max(Math.abs(row - from), Math.abs(column - start));
      for (let k = 1; k <= steps; k++)
        this.paint(
          Math.round(from + ((row - from) * k) / steps),
          Math.round(start + ((column - start) * k) / steps),
        );
      this.last = [row, column];
    },
    up() {
      this.painting = null;
    },
    paint(row, column) {
      const cell = row * this.columns + column;
      this.cells[cell] = this.painting ? 255 : 0;
      this.pending.set(cell, this.painting);
      if (this.pending.size > 1) return;
      requestAnimationFrame(() => {
        const cells = [...this.pending];
        this.pending.clear();
        this.draw();
        this.$emit("paint", {
          on: cells.filter(([, on]) => on).map(([cell]) => cell),
          off: cells.filter(([, on]) => !on).map(([cell]) => cell),
        });
      });
    },
    key(event) {
      if (!this.editable) return;
      const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      if (event.key in moves) {
        this.row = Math.max(0, Math.min(this.rows - 1, this.row + moves[event.key][0]));
        this.column = Math.max(0, Math.min(this.columns - 1, this.column + moves[event.key][1]));
      } else if (event.key === "Home") this.column = 0;
      else if (event.key === "End") this.column = this.columns - 1;
      else if (event.key === " ") {
        this.painting = this.cells[this.row * this.columns + this.column] < 128;
        this.paint(this.row, this.column);
        this.painting = null;
      } else return;
      event.preventDefault();
      const on = this.cells[this.row * this.columns + this.column] > 127;
      this.said = `Row ${this.row + 1}, column ${this.column + 1}: ${on ? "on" : "off"}`;
      this.draw();
    },
  },
};
