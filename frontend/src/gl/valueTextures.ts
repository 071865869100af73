import type { Values } from '../scale/types';
import { type Precision, precisionOf, texelsOf } from './keys';
import { PAGE_SIZE } from './shader';

/** Textures of arrays that are no longer drawn are kept up to this size, for going back to them. */
const CACHE_BYTES = 256 * 2 ** 20;

const BYTES_PER_WORD = 4;

interface Entry {
  readonly texture: WebGLTexture;
  readonly bytes: number;
}

/**
 * Arrays on the device, as pages of `PAGE_SIZE` squared elements in the order of memory. Element
 * i is found by shifts of i, so an array of any shape, slice or transpose needs no tiling by
 * shape, and one upload serves every view of it.
 */
export class ValueTextures {
  private readonly gl: WebGL2RenderingContext;
  private readonly entries = new Map<Values, Entry>();
  private bytes = 0;

  constructor(gl: WebGL2RenderingContext) {
    this.gl = gl;
  }

  /** Binds the array's texture to the active unit; uploads it where it is not there yet. */
  bind(values: Values): Precision {
    const { gl } = this;
    const known = this.entries.get(values);
    if (known === undefined) {
      this.upload(values);
    } else {
      // The order of the map is the order of use.
      this.entries.delete(values);
      this.entries.set(values, known);
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, known.texture);
    }
    return precisionOf(values);
  }

  private upload(values: Values): void {
    const { gl } = this;
    const { precision, words, length } = texelsOf(values);
    const wordsPerTexel = precision === 'single' ? 1 : 2;
    const rows = Math.max(1, Math.ceil(length / PAGE_SIZE));
    const pages = Math.ceil(rows / PAGE_SIZE);
    const height = Math.min(rows, PAGE_SIZE);
    const texture = gl.createTexture();
    const format = precision === 'single' ? gl.RED_INTEGER : gl.RG_INTEGER;
    const stored = precision === 'single' ? gl.R32I : gl.RG32I;

    this.makeRoom(pages * height * PAGE_SIZE * wordsPerTexel * BYTES_PER_WORD, values, texture);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
    gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, stored, PAGE_SIZE, height, pages);
    const put = (row: number, width: number, count: number) => {
      const page = Math.floor(row / PAGE_SIZE);
      const from = row * PAGE_SIZE * wordsPerTexel;
      gl.texSubImage3D(
        gl.TEXTURE_2D_ARRAY,
        0,
        0,
        row % PAGE_SIZE,
        page,
        width,
        count,
        1,
        format,
        gl.INT,
        words.subarray(from, from + width * count * wordsPerTexel),
      );
    };
    const wholeRows = Math.floor(length / PAGE_SIZE);
    for (let row = 0; row < wholeRows; row += PAGE_SIZE) {
      put(row, PAGE_SIZE, Math.min(PAGE_SIZE, wholeRows - row));
    }
    const rest = length - wholeRows * PAGE_SIZE;
    if (rest > 0) put(wholeRows, rest, 1);
  }

  private makeRoom(bytes: number, values: Values, texture: WebGLTexture): void {
    for (const [old, entry] of this.entries) {
      if (this.bytes + bytes <= CACHE_BYTES) break;
      this.gl.deleteTexture(entry.texture);
      this.entries.delete(old);
      this.bytes -= entry.bytes;
    }
    this.entries.set(values, { texture, bytes });
    this.bytes += bytes;
  }
}
