/** An .npy file laid out by hand from NumPy's specification of the format, version 1. */
export function npyFile(
  descr: string,
  shape: readonly number[],
  elements: ArrayBufferView,
  fortran = false,
): ArrayBuffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const order = fortran ? 'True' : 'False';
  const dict = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${tuple}, }`;
  const prefixBytes = 10;
  const alignment = 64;
  const padding = alignment - ((prefixBytes + dict.length + 1) % alignment);
  const header = new TextEncoder().encode(`${dict}${' '.repeat(padding)}\n`);
  const bytes = new Uint8Array(prefixBytes + header.length + elements.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(header, prefixBytes);
  bytes.set(
    new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength),
    prefixBytes + header.length,
  );
  return bytes.buffer;
}
