import {
  CODE_ABOVE,
  CODE_BELOW,
  CODE_COUNT,
  CODE_NAN,
  CODE_NEG_INF,
  CODE_POS_INF,
  COLOR_COUNT,
  LOOKS,
} from '../scale/looks';
import type { Precision } from './keys';
import { MARK_MIN_PIXELS } from './marks';

/** Elements lie in texture pages this wide and at most this high: what every WebGL2 device has. */
export const PAGE_SIZE = 2048;
const PAGE_SHIFT = Math.log2(PAGE_SIZE);

export const VERTEX_SHADER = `#version 300 es
void main() {
  // One triangle that covers the whole picture.
  gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0);
}`;

const SINGLE = `
#define KEY int
KEY readKey(ivec3 place) { return texelFetch(u_values, place, 0).r; }
bool less(KEY a, KEY b) { return a < b; }
KEY edgeKey(int i) { return u_edges[i >> 2][i & 3]; }
int nonFiniteCode(KEY bits) {
  int magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return CODE_NAN;
  if (magnitude == 0x7f800000) return bits > 0 ? CODE_POS_INF : CODE_NEG_INF;
  return 0;
}
KEY ordered(KEY bits) { return bits < 0 ? -(bits & 0x7fffffff) : bits; }
`;

const DOUBLE = `
#define KEY ivec2
KEY readKey(ivec3 place) { return texelFetch(u_values, place, 0).rg; }
bool less(KEY a, KEY b) { return a.y < b.y || (a.y == b.y && uint(a.x) < uint(b.x)); }
KEY edgeKey(int i) { ivec4 pair = u_edges[i >> 1]; return (i & 1) == 0 ? pair.xy : pair.zw; }
int nonFiniteCode(KEY bits) {
  int magnitude = bits.y & 0x7fffffff;
  if (magnitude < 0x7ff00000) return 0;
  if (magnitude > 0x7ff00000 || bits.x != 0) return CODE_NAN;
  return bits.y > 0 ? CODE_POS_INF : CODE_NEG_INF;
}
KEY ordered(KEY bits) {
  if (bits.y >= 0) return bits;
  // Minus the magnitude, in two's complement over both words: both zeros become one.
  int low = -bits.x;
  return ivec2(low, ~(bits.y & 0x7fffffff) + (low == 0 ? 1 : 0));
}
`;

const codes = {
  CODE_NAN,
  CODE_POS_INF,
  CODE_NEG_INF,
  CODE_BELOW,
  CODE_ABOVE,
  CODE_COUNT,
  COLOR_COUNT,
};
const defines = Object.entries({ ...codes, PAGE_SHIFT, MARK_MIN_PIXELS })
  .map(([name, value]) => `#define ${name} ${value}`)
  .join('\n');

const inkCases = LOOKS.map(
  look =>
    `if (code == ${look.code}) return vec4(${look.ink.map(c => `${c}.0`).join(', ')}) / 255.0;`,
).join('\n  ');

/**
 * The fragment shader. Its twin is `rasterize.ts`, function by function; a browser test holds
 * their pixels together.
 */
export function fragmentShader(precision: Precision): string {
  const wordsPerKey = precision === 'single' ? 1 : 2;
  return `#version 300 es
precision highp float;
precision highp int;
precision highp isampler2D;
precision highp isampler2DArray;
${defines}

uniform isampler2DArray u_values;
uniform isampler2D u_columns;
uniform isampler2D u_rows;
uniform sampler2D u_palette;
uniform ivec4 u_edges[${(COLOR_COUNT * wordsPerKey) / 4}];
uniform ivec2 u_lo;
uniform ivec2 u_hi;
uniform int u_offset;
// Cells of a panel, stride between panels, stride between cells.
uniform ivec3 u_rowAxis;
uniform ivec3 u_colAxis;
// Panels side by side, panels in all.
uniform ivec2 u_panels;
uniform int u_height;
uniform bool u_marks;
out vec4 o_color;
${precision === 'single' ? SINGLE : DOUBLE}
KEY boundOf(ivec2 words) { return ${precision === 'single' ? 'words.x' : 'words'}; }

int cellAddress(int rowLine, int colLine) {
  ivec2 panel = ivec2(rowLine / u_rowAxis.x, colLine / u_colAxis.x);
  if (panel.x * u_panels.x + panel.y >= u_panels.y) return -1;
  ivec2 cell = ivec2(rowLine, colLine) - panel * ivec2(u_rowAxis.x, u_colAxis.x);
  return u_offset + panel.x * u_rowAxis.y + cell.x * u_rowAxis.z
      + panel.y * u_colAxis.y + cell.y * u_colAxis.z;
}

KEY bitsAt(int address) {
  int page = (1 << PAGE_SHIFT) - 1;
  return readKey(ivec3(
      address & page, (address >> PAGE_SHIFT) & page, address >> (2 * PAGE_SHIFT)));
}

int codeOf(KEY bits) {
  int special = nonFiniteCode(bits);
  if (special != 0) return special;
  KEY key = ordered(bits);
  if (less(key, boundOf(u_lo))) return CODE_BELOW;
  if (less(boundOf(u_hi), key)) return CODE_ABOVE;
  int passed = 0;
  for (int step = COLOR_COUNT / 2; step > 0; step >>= 1) {
    if (!less(key, edgeKey(passed + step - 1))) passed += step;
  }
  return passed;
}

int middleOf(int count) { return (count - 1) >> 1; }

int shownCode(ivec4 column, ivec4 row) {
  int address = cellAddress(row.x + middleOf(row.y), column.x + middleOf(column.y));
  int shown = address < 0 ? -1 : codeOf(bitsAt(address));
  if (column.y == 1 && row.y == 1) return shown;
  int special = CODE_COUNT;
  for (int r = row.x; r < row.x + row.y; r++) {
    for (int c = column.x; c < column.x + column.y; c++) {
      address = cellAddress(r, c);
      if (address < 0) continue;
      int code = nonFiniteCode(bitsAt(address));
      if (code != 0) special = min(special, code);
      if (special == CODE_NAN) return CODE_NAN;
    }
  }
  return special < CODE_COUNT ? special : shown;
}

bool isInk(int code, ivec2 place, ivec2 size) {
  int side = min(size.x, size.y);
  if (side < MARK_MIN_PIXELS) return false;
  int u = abs(2 * place.x + 1 - size.x);
  int v = 2 * place.y + 1 - size.y;
  int reach = side * 5 / 8;
  int stroke = max(1, side / 6);
  if (u > reach || abs(v) > reach) return false;
  if (code == CODE_NAN) return abs(u - abs(v)) <= stroke;
  if (code == CODE_POS_INF) return 2 * u <= v + reach;
  if (code == CODE_NEG_INF) return 2 * u <= reach - v;
  if (code == CODE_ABOVE) return 2 * u <= v + reach && v + reach - 2 * u <= 3 * stroke;
  if (code == CODE_BELOW) return 2 * u <= reach - v && reach - v - 2 * u <= 3 * stroke;
  return false;
}

vec4 inkOf(int code) {
  ${inkCases}
  return vec4(0.0);
}

void main() {
  ivec2 pixel = ivec2(int(gl_FragCoord.x), u_height - 1 - int(gl_FragCoord.y));
  ivec4 column = texelFetch(u_columns, ivec2(pixel.x, 0), 0);
  ivec4 row = texelFetch(u_rows, ivec2(pixel.y, 0), 0);
  o_color = vec4(0.0);
  if (column.x < 0 || row.x < 0) return;
  int code = shownCode(column, row);
  if (code < 0) return;
  bool inked = u_marks && code >= COLOR_COUNT
      && isInk(code, pixel - ivec2(column.z, row.z), ivec2(column.w, row.w));
  o_color = inked ? inkOf(code) : texelFetch(u_palette, ivec2(code, 0), 0);
}`;
}
