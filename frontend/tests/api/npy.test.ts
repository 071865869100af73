import { describe, expect, test } from 'vitest';
import { float16Value } from '../../src/api/float16';
import { NpyError, parseNpy } from '../../src/api/npy';

/** An .npy file laid out by hand from NumPy's specification of the format. */
function npy(header: string, elements: ArrayBufferView, version = 1): ArrayBuffer {
  const text = new TextEncoder().encode(header);
  const lengthBytes = version === 1 ? 2 : 4;
  const start = 8 + lengthBytes + text.length;
  const bytes = new Uint8Array(start + elements.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  bytes.set(text, 8 + lengthBytes);
  bytes.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), start);
  return bytes.buffer;
}

const header = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

describe('parseNpy', () => {
  test('a_float32_matrix_has_its_shape_and_values', () => {
    const array = parseNpy(npy(header('<f4', '(2, 3)'), new Float32Array([1, 2, 3, 4, 5, 6])));
    expect(array.shape).toEqual([2, 3]);
    expect(array.strides).toEqual([3, 1]);
    expect([...array.values]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(array.values).toBeInstanceOf(Float32Array);
  });

  test('fortran_order_turns_the_strides_round', () => {
    // The columns of [[1, 2, 3], [4, 5, 6]], one after another.
    const bytes = npy(header('<f8', '(2, 3)', 'True'), new Float64Array([1, 4, 2, 5, 3, 6]));
    const array = parseNpy(bytes);
    const at = (row: number, col: number) =>
      array.values[row * (array.strides[0] ?? 0) + col * (array.strides[1] ?? 0)];
    expect([at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2)]).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
  });

  test('a_scalar_has_no_axes_and_one_element', () => {
    const array = parseNpy(npy(header('<i8', '()'), new BigInt64Array([-(2n ** 62n)])));
    expect(array.shape).toEqual([]);
    expect(array.values[0]).toBe(-(2n ** 62n));
  });

  test('a_vector_keeps_its_only_axis', () => {
    const array = parseNpy(npy(header('|b1', '(3,)'), new Uint8Array([1, 0, 1])));
    expect(array.shape).toEqual([3]);
    expect(array.dtype).toBe('b1');
    expect([...array.values]).toEqual([1, 0, 1]);
  });

  test('float16_is_widened_with_its_subnormals_infinities_and_nan', () => {
    // Bits and values from the table of IEEE 754 binary16.
    const bits = new Uint16Array([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0xfc00, 0x7e00]);
    const { values } = parseNpy(npy(header('<f2', '(8,)'), bits));
    expect(values).toBeInstanceOf(Float32Array);
    expect([...values]).toEqual([1, -2, 65504, 2 ** -24, 2 ** -14, Infinity, -Infinity, NaN]);
  });

  test.runIf('getFloat16' in DataView.prototype)(
    'float16_agrees_with_the_engines_own_reader_for_all_bits',
    () => {
      const view = new DataView(new ArrayBuffer(2)) as DataView & {
        getFloat16(offset: number): number;
      };
      for (let bits = 0; bits < 0x10000; bits++) {
        view.setUint16(0, bits);
        expect(float16Value(bits)).toBe(view.getFloat16(0));
      }
    },
  );

  test('big_endian_elements_are_swapped', () => {
    const { values } = parseNpy(
      npy(header('>i2', '(2,)'), new Uint8Array([0x01, 0x02, 0xff, 0xfe])),
    );
    expect([...values]).toEqual([0x0102, -2]);
  });

  test('a_version_two_header_is_read', () => {
    const array = parseNpy(npy(header('<u4', '(1,)'), new Uint32Array([4_000_000_000]), 2));
    expect([...array.values]).toEqual([4_000_000_000]);
  });

  test('elements_that_do_not_start_aligned_are_read_all_the_same', () => {
    const text = header('<f8', '(1,)');
    const prefixBytes = 10;
    const odd = (prefixBytes + text.length) % 2 === 1 ? text : ` ${text}`;
    const bytes = npy(odd, new Float64Array([0.1]));
    expect(parseNpy(bytes).values[0]).toBe(0.1);
  });

  test('an_empty_axis_gives_no_elements', () => {
    const array = parseNpy(npy(header('<f4', '(0, 5)'), new Float32Array(0)));
    expect(array.shape).toEqual([0, 5]);
    expect(array.values.length).toBe(0);
  });

  test('complex_elements_have_magnitudes_and_both_parts', () => {
    const parts = new Float32Array([3, -4, Number.NaN, Infinity, 1, -Infinity]);
    const array = parseNpy(npy(header('<c8', '(3,)'), parts));
    expect([array.shape, array.strides, array.dtype]).toEqual([[3], [1], 'c8']);
    expect(array.values).toBeInstanceOf(Float32Array);
    // A NaN is not hidden by an infinity beside it.
    expect([...array.values]).toEqual([5, Number.NaN, Infinity]);
    expect([...(array.parts ?? [])]).toEqual([...parts]);
  });

  test('complex128_keeps_its_precision_and_swaps_each_part_alone', () => {
    const bytes = new DataView(new ArrayBuffer(16));
    bytes.setFloat64(0, 0.1, false);
    bytes.setFloat64(8, -0.2, false);
    const array = parseNpy(npy(header('>c16', '()'), bytes));
    expect([...(array.parts ?? [])]).toEqual([0.1, -0.2]);
    expect(array.values[0]).toBe(Math.hypot(0.1, 0.2));
  });

  test.each([
    ['no magic', new Uint8Array(16).buffer, 'without its magic'],
    ['nothing', new ArrayBuffer(0), 'without its magic'],
    ['a dtype of text', npy(header('<U4', '(1,)'), new Uint32Array(4)), 'received U4'],
    ['too few elements', npy(header('<f4', '(4,)'), new Float32Array(3)), 'expected 16 bytes'],
    ['a header of another kind', npy('hello\n', new Uint8Array(0)), 'received "hello"'],
  ])('%s_is_refused_with_what_was_expected', (_name, bytes, message) => {
    expect(() => parseNpy(bytes)).toThrow(NpyError);
    expect(() => parseNpy(bytes)).toThrow(message);
  });
});
