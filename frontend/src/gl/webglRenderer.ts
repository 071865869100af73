import { CODE_COUNT, COLOR_COUNT } from '../scale/looks';
import type { Scale } from '../scale/types';
import { type Precision, precisionOf, type ScaleKeys, scaleKeys } from './keys';
import { MARK_MIN_PIXELS } from './marks';
import { type Picture, pictureHeight, pictureWidth } from './picture';
import { FIELD_SIZE, hasSharedPixels, PIXEL_FIELDS, type PixelAxis } from './pixelAxis';
import { fragmentShader, type ShaderVariant, VERTEX_SHADER } from './shader';
import { ValueTextures } from './valueTextures';

const UNIFORMS = [
  'u_values',
  'u_columns',
  'u_rows',
  'u_palette',
  'u_edges',
  'u_lo',
  'u_hi',
  'u_offset',
  'u_rowAxis',
  'u_colAxis',
  'u_panels',
  'u_height',
  'u_guess',
] as const;
type UniformName = (typeof UNIFORMS)[number];

/** The texture units; the array's is last so that uploads bind where they are drawn from. */
const UNIT_COLUMNS = 0;
const UNIT_ROWS = 1;
const UNIT_PALETTE = 2;
const UNIT_EDGES = 3;
const UNIT_VALUES = 4;

interface Program {
  readonly program: WebGLProgram;
  readonly at: Readonly<Record<UniformName, WebGLUniformLocation | null>>;
}

function compile(gl: WebGL2RenderingContext, variant: ShaderVariant): Program {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX_SHADER],
    [gl.FRAGMENT_SHADER, fragmentShader(variant)],
  ] as const) {
    const shader = gl.createShader(type);
    if (shader === null) throw new Error('WebGL2: no shader could be created');
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    // A shader lives as long as a program that it is attached to.
    gl.deleteShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new Error(`WebGL2: a shader does not compile: ${gl.getShaderInfoLog(shader)}`);
    }
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`WebGL2: the program does not link: ${gl.getProgramInfoLog(program)}`);
  }
  const at = Object.fromEntries(
    UNIFORMS.map(name => [name, gl.getUniformLocation(program, name)]),
  ) as Record<UniformName, WebGLUniformLocation | null>;
  gl.useProgram(program);
  gl.uniform1i(at.u_columns, UNIT_COLUMNS);
  gl.uniform1i(at.u_rows, UNIT_ROWS);
  gl.uniform1i(at.u_palette, UNIT_PALETTE);
  gl.uniform1i(at.u_edges, UNIT_EDGES);
  gl.uniform1i(at.u_values, UNIT_VALUES);
  return { program, at };
}

/** Whether some cell is large enough for a mark. */
function hasLargeCells(axis: PixelAxis): boolean {
  for (let at = FIELD_SIZE; at < axis.length; at += PIXEL_FIELDS) {
    if ((axis[at] as number) >= MARK_MIN_PIXELS) return true;
  }
  return false;
}

/** A one-row texture that is rewritten for every picture. */
function lookupTexture(gl: WebGL2RenderingContext, unit: number): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
}

/** The names of the processor's stand-ins for a graphics device. */
const EMULATORS = /swiftshader|llvmpipe|softpipe|basic render/i;

/** Whether WebGL runs on the processor. Chromium counts its emulation as no performance caveat. */
function isEmulated(gl: WebGL2RenderingContext): boolean {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = gl.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
  return typeof name === 'string' && EMULATORS.test(name);
}

/** Draws pictures on one canvas of its own, from which they are copied to where they are seen. */
export class WebglRenderer {
  readonly canvas: HTMLCanvasElement;
  private readonly gl: WebGL2RenderingContext;
  private readonly programs = new Map<string, Program>();
  private readonly textures: ValueTextures;
  private readonly keys = new WeakMap<Scale, Map<Precision, ScaleKeys>>();

  private constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext) {
    this.canvas = canvas;
    this.gl = gl;
    this.textures = new ValueTextures(gl);
    for (const unit of [UNIT_COLUMNS, UNIT_ROWS, UNIT_PALETTE, UNIT_EDGES]) lookupTexture(gl, unit);
    gl.disable(gl.DITHER);
  }

  /**
   * A renderer, or null where the browser has no WebGL2 to give: with `onlyFast`, also where it
   * would be emulated on the processor.
   */
  static create(onlyFast: boolean): WebglRenderer | null {
    const canvas = document.createElement('canvas');
    const gl = canvas.getContext('webgl2', {
      alpha: true,
      antialias: false,
      depth: false,
      stencil: false,
      premultipliedAlpha: true,
      failIfMajorPerformanceCaveat: onlyFast,
    });
    if (gl === null || (onlyFast && isEmulated(gl))) return null;
    return new WebglRenderer(canvas, gl);
  }

  get isLost(): boolean {
    return this.gl.isContextLost();
  }

  /** The largest width and height of a picture, in pixels. */
  get maxSize(): number {
    return this.gl.getParameter(this.gl.MAX_TEXTURE_SIZE) as number;
  }

  /** Draws a picture into the lower left corner of the canvas. */
  draw(picture: Picture): void {
    const { gl } = this;
    const width = pictureWidth(picture);
    const height = pictureHeight(picture);
    // It only grows: a canvas that changes its size is a new buffer on the device.
    if (this.canvas.width < width) this.canvas.width = width;
    if (this.canvas.height < height) this.canvas.height = height;
    gl.viewport(0, 0, width, height);

    const { grid, scale } = picture;
    const precision = precisionOf(grid.values);
    const { program, at } = this.programOf({
      precision,
      transform: scale.settings.transform,
      sharedPixels: hasSharedPixels(picture.columns) || hasSharedPixels(picture.rows),
      marks: picture.marks && hasLargeCells(picture.columns) && hasLargeCells(picture.rows),
    });
    gl.useProgram(program);
    this.putPixelAxis(UNIT_COLUMNS, picture.columns);
    this.putPixelAxis(UNIT_ROWS, picture.rows);
    this.putPalette(scale.palette);
    const keys = this.keysOf(scale, precision);
    this.putEdges(precision, keys.edges);
    gl.activeTexture(gl.TEXTURE0 + UNIT_VALUES);
    this.textures.bind(grid.values);

    gl.uniform2i(at.u_lo, keys.lo[0] ?? 0, keys.lo[1] ?? 0);
    gl.uniform2i(at.u_hi, keys.hi[0] ?? 0, keys.hi[1] ?? 0);
    gl.uniform4fv(at.u_guess, keys.guess);
    gl.uniform1i(at.u_offset, grid.offset);
    const { rows, cols } = grid;
    gl.uniform3i(at.u_rowAxis, rows.cells, rows.panelStride, rows.cellStride);
    gl.uniform3i(at.u_colAxis, cols.cells, cols.panelStride, cols.cellStride);
    gl.uniform2i(at.u_panels, cols.panels, grid.panelCount);
    gl.uniform1i(at.u_height, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  private programOf(variant: ShaderVariant): Program {
    const key = Object.values(variant).join(' ');
    let program = this.programs.get(key);
    if (program === undefined) {
      program = compile(this.gl, variant);
      this.programs.set(key, program);
    }
    return program;
  }

  private keysOf(scale: Scale, precision: Precision): ScaleKeys {
    const known = this.keys.get(scale) ?? new Map<Precision, ScaleKeys>();
    this.keys.set(scale, known);
    let keys = known.get(precision);
    if (keys === undefined) {
      keys = scaleKeys(scale, precision);
      known.set(precision, keys);
    }
    return keys;
  }

  private putPixelAxis(unit: number, axis: PixelAxis): void {
    const { gl } = this;
    const width = axis.length / PIXEL_FIELDS;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32I, width, 1, 0, gl.RGBA_INTEGER, gl.INT, axis);
  }

  private putPalette(palette: Uint8Array): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + UNIT_PALETTE);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, CODE_COUNT, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, palette);
  }

  private putEdges(precision: Precision, edges: Int32Array): void {
    const { gl } = this;
    const stored = precision === 'single' ? gl.RG32I : gl.RGBA32I;
    const format = precision === 'single' ? gl.RG_INTEGER : gl.RGBA_INTEGER;
    gl.activeTexture(gl.TEXTURE0 + UNIT_EDGES);
    gl.texImage2D(gl.TEXTURE_2D, 0, stored, COLOR_COUNT, 1, 0, format, gl.INT, edges);
  }
}
