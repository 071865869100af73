/**
 * The `.npy` format, read. The format is specified by NumPy (numpy.lib.format, versions 1 to 3):
 * magic `\x93NUMPY`, version, header length, a Python dict literal as header, then the elements.
 */

import { widenFloat16 } from './float16';

/** Raw elements: bool as 0 and 1 in bytes, float16 widened, all other real ones as stored. */
export type Elements =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** An n-dimensional array. Element `[i, j]` is `values[i * strides[0] + j * strides[1]]`. */
export interface NdArray {
  values: Elements;
  shape: number[];
  /** In elements, not bytes. */
  strides: number[];
  /** Of complex elements, whose magnitudes are `values`: the real and imaginary part of each. */
  parts?: Float32Array | Float64Array;
  /** NumPy's type code without the byte order, such as `f4` or `b1`. */
  dtype: string;
}

/** Bytes that are not the `.npy` that was expected. */
export class NpyError extends Error {
  override readonly name = 'NpyError';
}

type Reader = (buffer: ArrayBuffer, start: number, count: number) => Elements;

const READERS: Readonly<Record<string, Reader>> = {
  f8: (buffer, start, count) => new Float64Array(buffer, start, count),
  f4: (buffer, start, count) => new Float32Array(buffer, start, count),
  f2: (buffer, start, count) => widenFloat16(new Uint16Array(buffer, start, count)),
  b1: (buffer, start, count) => new Uint8Array(buffer, start, count),
  i1: (buffer, start, count) => new Int8Array(buffer, start, count),
  u1: (buffer, start, count) => new Uint8Array(buffer, start, count),
  i2: (buffer, start, count) => new Int16Array(buffer, start, count),
  u2: (buffer, start, count) => new Uint16Array(buffer, start, count),
  i4: (buffer, start, count) => new Int32Array(buffer, start, count),
  u4: (buffer, start, count) => new Uint32Array(buffer, start, count),
  i8: (buffer, start, count) => new BigInt64Array(buffer, start, count),
  u8: (buffer, start, count) => new BigUint64Array(buffer, start, count),
};

type Parts = Float32Array | Float64Array;

const COMPLEX_READERS: Readonly<
  Record<string, (buffer: ArrayBuffer, start: number, count: number) => Parts>
> = {
  c8: (buffer, start, count) => new Float32Array(buffer, start, 2 * count),
  c16: (buffer, start, count) => new Float64Array(buffer, start, 2 * count),
};

/**
 * The magnitudes of complex numbers, of the type of their parts. One with a NaN has none: an
 * infinite part beside it would hide it (`Math.hypot` says infinite).
 */
function magnitudes(parts: Parts): Parts {
  const found = parts.slice(0, parts.length / 2);
  for (let i = 0; i < found.length; i++) {
    const [real, imaginary] = [parts[2 * i] as number, parts[2 * i + 1] as number];
    const isNan = Number.isNaN(real) || Number.isNaN(imaginary);
    found[i] = isNan ? Number.NaN : Math.hypot(real, imaginary);
  }
  return found;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const PREFIX_BYTES = 8; // the magic and two bytes of version

interface Header {
  bigEndian: boolean;
  code: string;
  fortran: boolean;
  shape: number[];
  dataStart: number;
}

function readHeader(buffer: ArrayBuffer): Header {
  const bytes = new Uint8Array(buffer);
  if (bytes.length < PREFIX_BYTES + 2 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new NpyError('expected an .npy array, received bytes without its magic');
  }
  const view = new DataView(buffer);
  const major = view.getUint8(6);
  // Version 1 has a header length of two bytes, versions 2 and 3 of four.
  const lengthBytes = major === 1 ? 2 : 4;
  const headerStart = PREFIX_BYTES + lengthBytes;
  if (bytes.length < headerStart) throw new NpyError('expected an .npy header, received its start');
  const length =
    major === 1 ? view.getUint16(PREFIX_BYTES, true) : view.getUint32(PREFIX_BYTES, true);
  const dataStart = headerStart + length;
  if (bytes.length < dataStart) throw new NpyError('expected an .npy header, received its start');
  const text = new TextDecoder().decode(bytes.subarray(headerStart, dataStart));
  const descr = /'descr':\s*'([<>|=])(\w+)'/.exec(text);
  const fortran = /'fortran_order':\s*(True|False)/.exec(text);
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text);
  if (!descr || !fortran || !shape) {
    throw new NpyError(`expected an .npy header, received ${JSON.stringify(text.trim())}`);
  }
  return {
    bigEndian: descr[1] === '>',
    code: descr[2] ?? '',
    fortran: fortran[1] === 'True',
    shape: (shape[1] ?? '')
      .split(',')
      .filter(part => part.trim() !== '')
      .map(Number),
    dataStart,
  };
}

/** Strides in elements of a dense array: the last axis varies fastest, the first in Fortran order. */
export function denseStrides(shape: readonly number[], fortran = false): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = 0; i < shape.length; i++) {
    const axis = fortran ? i : shape.length - 1 - i;
    strides[axis] = step;
    step *= shape[axis] ?? 1;
  }
  return strides;
}

function littleEndianCopy(buffer: ArrayBuffer, start: number, bytes: number, width: number) {
  const copy = new Uint8Array(buffer.slice(start, start + bytes));
  for (let i = 0; i < bytes; i += width) copy.subarray(i, i + width).reverse();
  return copy.buffer;
}

/**
 * The array in the bytes of an `.npy` file. The elements are a view of `buffer` where they can be.
 *
 * @throws NpyError for anything that is not a whole `.npy` of a boolean, integer, real or complex
 *   dtype.
 */
export function parseNpy(buffer: ArrayBuffer): NdArray {
  const header = readHeader(buffer);
  const complexReader = COMPLEX_READERS[header.code];
  const reader = complexReader ?? READERS[header.code];
  if (!reader) {
    const known = Object.keys({ ...READERS, ...COMPLEX_READERS }).join(', ');
    throw new NpyError(`expected a dtype of ${known}, received ${header.code}`);
  }
  const width = Number(header.code.slice(1));
  const scalarWidth = complexReader ? width / 2 : width;
  const count = header.shape.reduce((product, extent) => product * extent, 1);
  const bytes = count * width;
  if (buffer.byteLength < header.dataStart + bytes) {
    const received = buffer.byteLength - header.dataStart;
    throw new NpyError(`expected ${bytes} bytes of elements, received ${received}`);
  }
  let source = buffer;
  let start = header.dataStart;
  if (header.bigEndian && width > 1) {
    source = littleEndianCopy(buffer, start, bytes, scalarWidth);
    start = 0;
  } else if (start % scalarWidth !== 0) {
    source = buffer.slice(start, start + bytes); // typed arrays need aligned starts
    start = 0;
  }
  const layout = {
    shape: header.shape,
    strides: denseStrides(header.shape, header.fortran),
    dtype: header.code,
  };
  if (!complexReader) return { ...layout, values: reader(source, start, count) };
  const parts = complexReader(source, start, count);
  return { ...layout, values: magnitudes(parts), parts };
}
