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
import { TRANSFORMS, type Transform } from '../scale/types';
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
KEY lower(ivec4 edges) { return edges.r; }
KEY upper(ivec4 edges) { return edges.g; }
int nonFiniteCode(KEY bits) {
  int magnitude = bits & 0x7fffffff;
  if (magnitude < 0x7f800000) return 0;
  if (magnitude > 0x7f800000) return CODE_NAN;
  return bits > 0 ? CODE_POS_INF : CODE_NEG_INF;
}
KEY ordered(KEY bits) { return bits < 0 ? -(bits & 0x7fffffff) : bits; }

// Where the transform puts a value, in floats: often right, and at most slow where it is not.
int guess(KEY bits) {
  float value = intBitsToFloat(bits);
#if TRANSFORM == TRANSFORM_LOG
  value = log(value);
#elif TRANSFORM == TRANSFORM_SYMLOG
  value = sign(value) * log(1.0 + abs(value) * u_guess.z);
#endif
  float place = (value - u_guess.x) * u_guess.y + u_guess.w;
  return clamp(int(clamp(place, 0.0, float(COLOR_COUNT - 1))), 0, COLOR_COUNT - 1);
}
`;

const DOUBLE = `
#define KEY ivec2
KEY readKey(ivec3 place) { return texelFetch(u_values, place, 0).rg; }
bool less(KEY a, KEY b) { return a.y < b.y || (a.y == b.y && uint(a.x) < uint(b.x)); }
KEY lower(ivec4 edges) { return edges.rg; }
KEY upper(ivec4 edges) { return edges.ba; }
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

// Floats hold too little of a double to guess from: bisect.
int guess(KEY bits) {
  KEY key = ordered(bits);
  int passed = 0;
  for (int step = COLOR_COUNT / 2; step > 0; step >>= 1) {
    if (!less(key, lower(edgesOf(passed + step)))) passed += step;
  }
  return passed;
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
const transforms = {
  TRANSFORM_LOG: TRANSFORMS.indexOf('log'),
  TRANSFORM_SYMLOG: TRANSFORMS.indexOf('symlog'),
};
const defines = Object.entries({ ...codes, ...transforms, PAGE_SHIFT, MARK_MIN_PIXELS })
  .map(([name, value]) => `#define ${name} ${value}`)
  .join('\n');

const inkCases = LOOKS.map(
  look =>
    `if (code == ${look.code}) return vec4(${look.ink.map(c => `${c}.0`).join(', ')}) / 255.0;`,
).join('\n  ');

/** What a program is compiled for: software renderers pay for every branch that is not taken. */
export interface ShaderVariant {
  readonly precision: Precision;
  readonly transform: Transform;
  /** Whether some pixel covers several elements. */
  readonly sharedPixels: boolean;
  /** Whether cells may be large enough for marks. */
  readonly marks: boolean;
}

/**
 * The fragment shader. Its twin is `rasterize.ts`, function by function; a browser test holds
 * their pixels together.
 */
export function fragmentShader(variant: ShaderVariant): string {
  const { precision, transform, sharedPixels, marks } = variant;
  return `#version 300 es
precision highp float;
precision highp int;
precision highp isampler2D;
precision highp isampler2DArray;
${defines}
#define TRANSFORM ${TRANSFORMS.indexOf(transform)}
${sharedPixels ? '#define SHARED_PIXELS' : ''}
${marks ? '#define MARKS' : ''}

uniform isampler2DArray u_values;
uniform isampler2D u_columns;
uniform isampler2D u_rows;
uniform sampler2D u_palette;
// The lower and the upper edge of every colour.
uniform isampler2D u_edges;
uniform ivec2 u_lo;
uniform ivec2 u_hi;
uniform int u_offset;
// Cells of a panel, stride between panels, stride between cells.
uniform ivec3 u_rowAxis;
uniform ivec3 u_colAxis;
// Panels side by side, panels in all.
uniform ivec2 u_panels;
uniform int u_height;
// The bent low end, colours per bent unit, one over symlog's constant, the low end's colour.
uniform vec4 u_guess;
out vec4 o_color;
ivec4 edgesOf(int place) { return texelFetch(u_edges, ivec2(place, 0), 0); }
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
  // However the guess was rounded, the edges decide.
  int place = guess(bits);
  ivec4 edges = edgesOf(place);
  while (place < COLOR_COUNT - 1 && !less(key, upper(edges))) edges = edgesOf(++place);
  while (place > 0 && less(key, lower(edges))) edges = edgesOf(--place);
  return place;
}

int middleOf(int count) { return (count - 1) >> 1; }

int shownCode(ivec4 column, ivec4 row) {
  int address = cellAddress(row.x + middleOf(row.y), column.x + middleOf(column.y));
  int shown = address < 0 ? -1 : codeOf(bitsAt(address));
#ifdef SHARED_PIXELS
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
  if (special < CODE_COUNT) return special;
#endif
  return shown;
}

#ifdef MARKS
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
#endif

void main() {
  ivec2 pixel = ivec2(int(gl_FragCoord.x), u_height - 1 - int(gl_FragCoord.y));
  ivec4 column = texelFetch(u_columns, ivec2(pixel.x, 0), 0);
  ivec4 row = texelFetch(u_rows, ivec2(pixel.y, 0), 0);
  o_color = vec4(0.0);
  if (column.x < 0 || row.x < 0) return;
  int code = shownCode(column, row);
  if (code < 0) return;
  o_color = texelFetch(u_palette, ivec2(code, 0), 0);
#ifdef MARKS
  if (code < COLOR_COUNT) return;
  if (isInk(code, pixel - ivec2(column.z, row.z), ivec2(column.w, row.w))) o_color = inkOf(code);
#endif
}`;
}
